// Sealed values (design section 3): AES-256-GCM with the subject as associated data. The nonce is synthetic, 96 bits of
// an HMAC over key id, subject and plaintext under a key of its own, so equal plaintext gives equal bytes and an
// unchanged Secret is never published twice. Two keys are accepted while one replaces the other.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '@penstock/fault'
import type { Sealed } from '@penstock/ir'

export interface SealingKeys {
  /** Id of the key that seals; the other one only opens. */
  readonly current: string
  /** One or two keys of 32 bytes, by id. */
  readonly keys: Readonly<Record<string, Uint8Array>>
}

export interface Sealer {
  /** `subject` says what the plaintext is, such as the key of its Secret: it opens only under the same. */
  seal(subject: string, plaintext: Uint8Array): Sealed
  /** Throws a fault if no key at hand opens it. */
  open(sealed: Sealed): Uint8Array
}

interface Pair {
  readonly cipher: Uint8Array
  readonly nonce: Uint8Array
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

export function createSealer({ current, keys }: SealingKeys): Sealer {
  const pairs = new Map(Object.entries(keys).map(([id, key]) => [id, derive(key)]))
  const pairOf = (id: string): Pair => {
    const pair = pairs.get(id)
    if (pair === undefined) throw new Fault('seal_broken', `no sealing key is named ${id}`)
    return pair
  }
  return {
    seal(subject, plaintext) {
      const pair = pairOf(current)
      const nonce = nonceOf(pair, [Buffer.from(current), Buffer.from(subject), plaintext])
      const cipher = createCipheriv('aes-256-gcm', pair.cipher, nonce).setAAD(Buffer.from(subject))
      const box = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
      return { keyId: current, subject, box }
    },
    open({ keyId, subject, box }) {
      const pair = pairOf(keyId)
      try {
        const decipher = createDecipheriv('aes-256-gcm', pair.cipher, box.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        })
        decipher.setAAD(Buffer.from(subject)).setAuthTag(box.subarray(-tagBytes))
        return Buffer.concat([decipher.update(box.subarray(nonceBytes, -tagBytes)), decipher.final()])
      } catch (thrown) {
        throw new Fault('seal_broken', `the sealed value of ${subject} cannot be opened with key ${keyId}`, {
          cause: thrown,
        })
      }
    },
  }
}

function derive(key: Uint8Array): Pair {
  const part = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', key, '', `penstock seal v1 ${purpose}`, keyBytes))
  return { cipher: part('cipher'), nonce: part('nonce') }
}

function nonceOf(pair: Pair, parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', pair.nonce)
  for (const part of parts) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    mac.update(length).update(part)
  }
  return mac.digest().subarray(0, nonceBytes)
}

/** A file with JSON: `{"current": "<id>", "keys": {"<id>": "<32 bytes in base64>"}}`. */
export function readSealingKeys(file: string): SealingKeys {
  try {
    const { current, keys } = JSON.parse(readFileSync(file, 'utf8')) as {
      current: string
      keys: Record<string, string>
    }
    const decoded = Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'base64')] as const)
    if (decoded.length > 2) throw new Error('it has more than two keys')
    if (!decoded.some(([id]) => id === current)) throw new Error('its current key is missing')
    const short = decoded.find(([, key]) => key.length !== keyBytes)
    if (short !== undefined) throw new Error(`key ${short[0]} is not of ${keyBytes} bytes`)
    return { current, keys: Object.fromEntries(decoded) }
  } catch (thrown) {
    throw new Fault('setting_invalid', `sealing keys in ${file}: ${(thrown as Error).message}`, { cause: thrown })
  }
}

/** The content of a file with one new key; given the old content, its current key stays as the second. */
export function newSealingKeys(old?: SealingKeys): string {
  const id = `k${randomBytes(4).toString('hex')}`
  const before = old?.keys[old.current]
  const keys = {
    [id]: randomBytes(keyBytes).toString('base64'),
    ...(old !== undefined && before !== undefined && { [old.current]: Buffer.from(before).toString('base64') }),
  }
  return `${JSON.stringify({ current: id, keys }, null, 2)}\n`
}
