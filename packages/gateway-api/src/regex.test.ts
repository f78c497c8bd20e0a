import { describe, expect, it } from '@jest/globals'
import { regexMistake } from './regex.ts'

describe('regexMistake', () => {
  it.each([
    ...['/a/[0-9]+', '(?i)abc', '/(a|b)/.*', '\\d{3}', '(?P<name>x)', '[\\x{41}-\\x{5a}]', '\\p{Greek}\\PL'],
    ...['[a-z]{1000}', '(a{10}){100}', '\\Qa{1000}\\E', '[]{1000}{1000}]', '\\({9}\\){9}'],
  ])('takes %s', (pattern) => {
    expect(regexMistake(pattern)).toBeUndefined()
  })

  it.each(['', '/a/[', '(a', '(?=ahead)', '\\1', 'a{2000}', '*'])('refuses "%s"', (pattern) => {
    expect(regexMistake(pattern)).toEqual(expect.any(String))
  })

  it.each([
    ['(\\pL[^a]{1,11}){900}', 'too large'],
    ['(abc(d){3}\\Qxyz\\E){0,1000}', 'too large'],
    ['/\\x{100}', '\\x{100} is more than a byte'],
    ['[a-\\x{1F600}]', '\\x{1F600} is more than a byte'],
    ['\\p{Garay}', 'too new'],
    ['[a\\P{^Cn}]', 'too new'],
  ])('refuses %s, which our RE2 takes and that of a proxy does not', (pattern, why) => {
    expect(regexMistake(pattern)).toContain(why)
  })

  it('takes the longest that a route can hold', () => {
    expect(regexMistake('a'.repeat(4_096))).toBeUndefined()
  })

  it.each(['\\Q\\p{LC}\\E', '\\\\x{100}', '\\Q\\x{100}'])('takes %s, which only looks like that', (pattern) => {
    expect(regexMistake(pattern)).toBeUndefined()
  })
})
