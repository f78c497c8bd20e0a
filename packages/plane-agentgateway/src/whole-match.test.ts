import { describe, expect, it } from '@jest/globals'
import { wholeMatch } from './whole-match.ts'

describe('an expression of the whole value', () => {
  it.each([
    ['is as it is', '/v[0-9]+(?:/a)?', '/v[0-9]+(?:/a)?'],
    ['with alternatives is tied to both ends', 'a|ab', '^(?:a|ab)$'],
    ['with alternatives inside, too', '/(a|ab)', '^(?:/(a|ab))$'],
    ['that takes as little as it can, too', 'a+?', '^(?:a+?)$'],
    ['as little of a number, too', 'a{1,3}?', '^(?:a{1,3}?)$'],
    ['keeps its flags in front', '(?i)a|ab', '(?i)^(?:a|ab)$'],
    ['that begins with a group has no flags', '(?:a|b)c', '^(?:(?:a|b)c)$'],
  ])('%s', (_, given, expected) => {
    expect(wholeMatch(given)).toBe(expected)
  })
})
