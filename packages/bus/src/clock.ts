// Time is passed in, so that a test can move it.

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Never goes back, and goes on while the process is frozen. */
  monotonicMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
