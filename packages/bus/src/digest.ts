// The running digest of a commit (design section 3): the sum modulo 2^128, over live subjects, of the first 128 bits of
// SHA-256 over length-prefixed subject and raw value. A change costs one hash and one sum, however many records there are.
import { hash } from 'node:crypto'
import type { Commit } from '@penstock/ir'

const modulus = (1n << 128n) - 1n

/** What one live record adds to the digest; also the writer's and the reader's proof that a value is unchanged. */
export function digestTerm(subject: string, value: Uint8Array): bigint {
  const subjectLength = Buffer.byteLength(subject)
  const text = Buffer.allocUnsafe(8 + subjectLength + value.length)
  text.writeUInt32BE(subjectLength, 0)
  text.write(subject, 4)
  text.writeUInt32BE(value.length, 4 + subjectLength)
  text.set(value, 8 + subjectLength)
  const sum = hash('sha256', text, 'buffer')
  return (sum.readBigUInt64BE(0) << 64n) | sum.readBigUInt64BE(8)
}

/** The term of every live subject, and their sum. */
export interface Contents {
  readonly size: number
  term(subject: string): bigint | undefined
  subjects(): Iterable<string>
  set(subject: string, term: bigint): void
  delete(subject: string): void
  /** 16 bytes, big endian. */
  digest(): Uint8Array
  matches(commit: Pick<Commit, 'liveKeys' | 'digest'>): boolean
}

export function createContents(): Contents {
  const terms = new Map<string, bigint>()
  let sum = 0n
  const digest = (): Uint8Array => {
    const bytes = Buffer.alloc(16)
    bytes.writeBigUInt64BE(sum >> 64n, 0)
    bytes.writeBigUInt64BE(sum & 0xffff_ffff_ffff_ffffn, 8)
    return bytes
  }
  return {
    get size() {
      return terms.size
    },
    term: (subject) => terms.get(subject),
    subjects: () => terms.keys(),
    set(subject, term) {
      sum = (sum + term - (terms.get(subject) ?? 0n)) & modulus
      terms.set(subject, term)
    },
    delete(subject) {
      sum = (sum - (terms.get(subject) ?? 0n)) & modulus
      terms.delete(subject)
    },
    digest,
    matches: (commit) => commit.liveKeys === terms.size && Buffer.compare(commit.digest, digest()) === 0,
  }
}
