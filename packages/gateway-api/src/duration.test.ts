import { describe, expect, it } from '@jest/globals'
import { durationMs } from './duration.ts'

describe('durationMs', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['1h2m3s4ms', 3_723_004],
    ['1s1s', 2000],
    ['99999h', 359_996_400_000],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
  })

  it.each(['', '1', '1.5s', '-1s', '1d', '100000s', '1s2s3s4s5s', ' 1s'])('refuses "%s"', (text) => {
    expect(durationMs(text)).toBeUndefined()
  })
})
