import { describe, expect, it } from '@jest/globals'
import { readRefusal } from './refusal.ts'

// Reference: data-planes.md 1.1, "NACK" and "Partial acceptance".
describe('a refusal', () => {
  it('names what was not taken, and what was taken in part', () => {
    const named = readRefusal(
      '[{"key":"route/a","error":"no such filter"},{"key":"route/b","warn":"bad regex"},{"key":"route/b","warn":"bad path"}]',
    )
    expect([...(named ?? [])]).toEqual([
      ['route/a', 'no such filter'],
      ['route/b', 'taken in part: bad regex; taken in part: bad path'],
    ])
  })

  it.each(['', 'nonsense', '{}', '"text"', 'null', '[1]', '[{"error":"whose?"}]', '[null]'])(
    'of the whole response: %s',
    (message) => expect(readRefusal(message)).toBeUndefined(),
  )
})
