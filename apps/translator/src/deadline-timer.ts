// Wakes at the next deadline. The wall clock may be set while it waits, and a timer of Node's holds 25 days at most, so it
// looks at the clock again every hour.

export interface DeadlineTimer extends Disposable {
  /** Ms since 1970; undefined: nothing to wait for. Takes the place of what it waited for. */
  arm(atMs: number | undefined): void
}

const longestMs = 60 * 60 * 1_000

export function createDeadlineTimer(nowMs: () => number, onDue: () => void): DeadlineTimer {
  let timer: NodeJS.Timeout | undefined
  const arm = (atMs: number | undefined): void => {
    clearTimeout(timer)
    if (atMs === undefined) return
    const waitMs = Math.min(Math.max(0, atMs - nowMs()), longestMs)
    timer = setTimeout(() => (nowMs() < atMs ? arm(atMs) : onDue()), waitMs)
  }
  return { arm, [Symbol.dispose]: () => clearTimeout(timer) }
}
