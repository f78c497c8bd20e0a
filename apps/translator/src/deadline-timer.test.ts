import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createDeadlineTimer, type DeadlineTimer } from './deadline-timer.ts'

const dayMs = 86_400_000

describe('a deadline timer', () => {
  let due: number[]
  let timer: DeadlineTimer
  const start = Date.parse('2026-01-01T00:00:00Z')
  beforeEach(() => {
    jest.useFakeTimers({ now: start })
    due = []
    timer = createDeadlineTimer(Date.now, () => due.push(Date.now() - start))
  })
  afterEach(() => {
    timer[Symbol.dispose]()
    jest.useRealTimers()
  })

  it('waits for years, longer than a timer can', () => {
    timer.arm(start + 100 * dayMs)
    jest.advanceTimersByTime(100 * dayMs - 1)
    expect(due).toEqual([])
    jest.advanceTimersByTime(1)
    expect(due).toEqual([100 * dayMs])
  })

  it('is due at once when the moment is past, and at the hour when the clock was set forward', () => {
    timer.arm(start - 5)
    jest.advanceTimersByTime(1)
    expect(due).toHaveLength(1)
    timer.arm(start + 10 * dayMs)
    jest.setSystemTime(start + 20 * dayMs)
    jest.advanceTimersByTime(60 * 60 * 1_000)
    expect(due).toHaveLength(2)
  })

  it('waits for one moment only, and for none any more once it is disarmed', () => {
    timer.arm(start + 1_000)
    timer.arm(start + 2_000)
    jest.advanceTimersByTime(1_500)
    expect(due).toEqual([])
    timer.arm(undefined)
    jest.advanceTimersByTime(dayMs)
    expect(due).toEqual([])
  })
})
