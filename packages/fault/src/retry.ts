// The only loop with a delay in the repository.
import { Fault } from './fault.ts'

export interface RetryOptions {
  signal: AbortSignal
  /** First delay; doubles up to `maxDelayMs`, each with half of it random. Default 100. */
  minDelayMs?: number
  /** Default 5,000. */
  maxDelayMs?: number
  /** Told of every failure that will be tried again. */
  onFault?(fault: Fault, delayMs: number): void
}

/**
 * Runs `attempt` until it succeeds. Rejects with a fault that no further try can cure, or with the signal's reason.
 * An attempt that goes on for long calls `progress` when it works: the next failure counts as the first again.
 */
export async function retry<T>(attempt: (progress: () => void) => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, minDelayMs = 100, maxDelayMs = 5_000, onFault } = options
  let failures = 0
  const progress = (): void => {
    failures = 0
  }
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt(progress)
    } catch (thrown) {
      const fault = Fault.from(thrown)
      if (!fault.retry) throw fault
      // What failed because it was told to end is no failure to tell of.
      signal.throwIfAborted()
      const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** failures)
      const delayMs = (fault.retryAfterMs ?? 0) + ceiling / 2 + (Math.random() * ceiling) / 2
      failures += 1
      onFault?.(fault, delayMs)
      await pause(delayMs, signal)
    }
  }
}

/** Until the time is over or the signal is given. The timer is the global one, so that a test may own time. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
