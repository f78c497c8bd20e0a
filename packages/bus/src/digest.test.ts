import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createContents, digestTerm } from './digest.ts'

const record = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.string(), { nil: undefined }))

describe('digestTerm', () => {
  it('is the first 128 bits of SHA-256 over length-prefixed subject and value', () => {
    const text = Buffer.from('\0\0\0\u0003a.b\0\0\0\u0005value')
    const hex = createHash('sha256').update(text).digest('hex').slice(0, 32)
    expect(digestTerm('a.b', Buffer.from('value'))).toBe(BigInt(`0x${hex}`))
  })

  it('tells where the subject ends', () => {
    expect(digestTerm('ab', Buffer.from('c'))).not.toBe(digestTerm('a', Buffer.from('bc')))
  })
})

describe('the running digest', () => {
  it('depends on what is there and not on how it came', () => {
    fc.assert(
      fc.property(fc.array(record), (history) => {
        const run = createContents()
        const last = new Map<string, string>()
        for (const [subject, value] of history) {
          if (value === undefined) {
            run.delete(subject)
            last.delete(subject)
          } else {
            run.set(subject, digestTerm(subject, Buffer.from(value)))
            last.set(subject, value)
          }
        }
        const straight = createContents()
        for (const [subject, value] of last) straight.set(subject, digestTerm(subject, Buffer.from(value)))
        return run.matches({ liveKeys: straight.size, digest: straight.digest() })
      }),
    )
  })

  it('is 16 bytes, zero when nothing is there', () => {
    expect(createContents().digest()).toEqual(Buffer.alloc(16))
  })
})
