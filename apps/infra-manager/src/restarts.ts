// How long to wait before what ended is started again: longer each time, short again after it has run for a while.
export interface Restarts {
  failed(): void
  /** What is started is another. */
  reset(): void
  /** It serves. */
  ready(): void
  /** Until the next start. */
  waitMs(): number
}

const [firstMs, longestMs, steadyMs] = [100, 30_000, 60_000] as const

export function createRestarts(nowMs: () => number = () => performance.now()): Restarts {
  let inRow = 0
  let notBeforeMs = 0
  let readySinceMs: number | undefined
  return {
    failed() {
      if (readySinceMs !== undefined && nowMs() - readySinceMs > steadyMs) inRow = 0
      readySinceMs = undefined
      notBeforeMs = nowMs() + Math.min(longestMs, firstMs * 2 ** inRow)
      inRow += 1
    },
    reset() {
      inRow = 0
      notBeforeMs = 0
    },
    ready: () => (readySinceMs = nowMs()),
    waitMs: () => Math.max(0, notBeforeMs - nowMs()),
  }
}
