// The only way a test waits: for a condition, with a deadline.
import { setTimeout as delay } from 'node:timers/promises'

/** Asks until `condition` is truthy and returns that; rejects with `what` after `deadlineMs`. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await delay(5)
  }
}
