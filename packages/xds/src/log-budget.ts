// How much of what others make us say goes into the log: so many lines a minute for each key. The first line of a later
// minute says how many there were that nobody saw.

/** Undefined: not this one. Else how many of this key were left out since the last. */
export type LogBudget = (key: string) => number | undefined

const windowMs = 60_000

export function createLogBudget(linesPerMinute: number, elapsedMs: () => number = () => performance.now()): LogBudget {
  const windows = new Map<string, { sinceMs: number; lines: number; unsaid: number }>()
  return (key) => {
    const nowMs = elapsedMs()
    let window = windows.get(key)
    if (!window || nowMs - window.sinceMs >= windowMs) {
      window = { sinceMs: nowMs, lines: 0, unsaid: window?.unsaid ?? 0 }
      windows.set(key, window)
    }
    if (window.lines >= linesPerMinute) {
      window.unsaid += 1
      return undefined
    }
    const { unsaid } = window
    window.lines += 1
    window.unsaid = 0
    return unsaid
  }
}
