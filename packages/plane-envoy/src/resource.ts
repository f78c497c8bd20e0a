// What a proxy gets: bytes, and a version that is a function of nothing but these bytes, so that every replica, before
// and after a restart, names the same content the same and a proxy that reconnects is sent nothing.
import { createHash } from 'node:crypto'
import type { Codec } from './any.ts'

export interface Resource {
  /** The first 64 bits of the body's SHA-256, in hex. */
  readonly version: string
  /** The encoded message, not the Any around it. */
  readonly body: Uint8Array
}

export function toResource(body: Uint8Array): Resource {
  return { version: createHash('sha256').update(body).digest('hex').slice(0, 16), body }
}

export function encodeResource<T>(codec: Codec<T>, message: T): Resource {
  return toResource(codec.encode(message).finish())
}

/**
 * The message `head` with these encoded messages as its repeated field `field`. Protobuf fields may stand in any order,
 * so what changes rarely is encoded once and a large message is put together by copying.
 */
export function appendBlocks(head: Uint8Array, field: number, blocks: readonly Uint8Array[]): Uint8Array {
  let size = head.length
  for (const block of blocks) size += 1 + varintSize(block.length) + block.length
  const bytes = new Uint8Array(size)
  bytes.set(head)
  let at = head.length
  for (const block of blocks) {
    bytes[at] = (field << 3) | lengthDelimited
    at = writeVarint(bytes, at + 1, block.length)
    bytes.set(block, at)
    at += block.length
  }
  return bytes
}

const lengthDelimited = 2

function varintSize(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1
  return size
}

/** Returns the position after the number. */
function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    bytes[at] = (rest & 0x7f) | 0x80
    rest >>>= 7
    at += 1
  }
  bytes[at] = rest
  return at + 1
}
