import { describe, expect, it } from '@jest/globals'
import { createLogBudget } from './log-budget.ts'

describe('a log budget', () => {
  it('has so many lines a minute for each key, and tells later how many it left out', () => {
    let nowMs = 0
    const budget = createLogBudget(2, () => nowMs)
    const ask = (key: string, times: number) => Array.from({ length: times }, () => budget(key))
    expect(ask('a', 5)).toEqual([0, 0, undefined, undefined, undefined])
    expect(ask('b', 1)).toEqual([0])
    nowMs = 59_999
    expect(ask('a', 1)).toEqual([undefined])
    nowMs = 60_000
    expect(ask('a', 3)).toEqual([4, 0, undefined])
    nowMs = 1_000_000
    expect(ask('a', 2)).toEqual([1, 0])
  })
})
