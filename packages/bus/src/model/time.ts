// Time as the model moves it: virtual over the broker in memory, where a minute costs some milliseconds and a run is the
// same each time, and real over NATS.
import { setImmediate as turn } from 'node:timers/promises'
import { jest } from '@jest/globals'

export interface Time {
  /** Everything happens that is due within `ms`. */
  pass(ms: number): Promise<void>
  /** Until the condition holds; false after `deadlineMs`. */
  until(condition: () => boolean, deadlineMs: number): Promise<boolean>
  end(): void
}

export function virtualTime(seed: number): Time {
  jest.useFakeTimers({ now: 1_800_000_000_000, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] })
  const { random } = Math
  Math.random = numbersFrom(seed)
  const until = async (condition: () => boolean, deadlineMs: number): Promise<boolean> => {
    let over = false
    setTimeout(() => {
      over = true
    }, deadlineMs)
    // In memory nothing but time and promises moves, so after one turn all is said that can be said by now.
    await turn()
    while (!over && !condition()) {
      jest.advanceTimersToNextTimer()
      await turn()
    }
    return condition()
  }
  return {
    until,
    pass: async (ms) => void (await until(() => false, ms)),
    end() {
      jest.useRealTimers()
      Math.random = random
    },
  }
}

export const realTime: Time = {
  async until(condition, deadlineMs) {
    const end = performance.now() + deadlineMs
    while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
    return condition()
  },
  pass: async (ms) => void (await realTime.until(() => false, ms)),
  end() {},
}

/** The same numbers from 0 to 1 for the same seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
