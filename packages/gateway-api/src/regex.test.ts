import { describe, expect, it } from '@jest/globals'
import { regexMistake } from './regex.ts'

describe('regexMistake', () => {
  it.each(['/a/[0-9]+', '(?i)abc', '/(a|b)/.*', '\\d{3}', '(?P<name>x)'])('takes %s', (pattern) => {
    expect(regexMistake(pattern)).toBeUndefined()
  })

  it.each(['', '/a/[', '(a', '(?=ahead)', '\\1', 'a{2000}', '*'])('refuses "%s"', (pattern) => {
    expect(regexMistake(pattern)).toEqual(expect.any(String))
  })
})
