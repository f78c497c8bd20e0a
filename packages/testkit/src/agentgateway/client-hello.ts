// The first bytes of a connection, looked at and put back.
import { once } from 'node:events'
import type { Socket } from 'node:net'

/** Undefined: the peer went away before it said enough. */
export async function peek<T>(socket: Socket, look: (start: Buffer) => T | undefined): Promise<T | undefined> {
  let start = Buffer.alloc(0)
  for (;;) {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) start = Buffer.concat([start, chunk])
    const seen = start.length > 0 ? look(start) : undefined
    if (seen !== undefined) {
      socket.unshift(start)
      return seen
    }
    if (socket.readableEnded || socket.destroyed) return undefined
    await Promise.race([once(socket, 'readable'), once(socket, 'close')])
  }
}

const preface = 'PRI * HTTP/2.0'

/** HTTP/2 by prior knowledge, or HTTP/1. */
export function httpVersion(start: Buffer): 1 | 2 | undefined {
  const said = start.subarray(0, preface.length).toString('latin1')
  if (said === preface) return 2
  return preface.startsWith(said) ? undefined : 1
}

/** The name that a TLS client asks for, in lower case: empty when it asks for none. */
export function serverName(start: Buffer): string | undefined {
  if (start[0] !== 22) return ''
  if (start.length < 5 || start.length < 5 + start.readUInt16BE(3)) return undefined
  const hello = start.subarray(5)
  // Type and length, version, random.
  let at = 4 + 2 + 32
  at += 1 + (hello[at] ?? 0)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + (hello[at] ?? 0)
  const end = at + 2 + hello.readUInt16BE(at)
  for (at += 2; at + 4 <= end; ) {
    const [type, length] = [hello.readUInt16BE(at), hello.readUInt16BE(at + 2)]
    // The list's length, the name's type and length, the name.
    if (type === 0) return hello.toString('latin1', at + 9, at + 4 + length).toLowerCase()
    at += 4 + length
  }
  return ''
}
