// How often something may happen: so many at once, and so many a second after that. Who comes too early waits in line.

export interface TokenBucket {
  /** Resolves when it is our turn; rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<void>
}

/** `nowMs` is a clock that never goes back. */
export function createTokenBucket(
  perSecond: number,
  burst: number,
  nowMs: () => number = () => performance.now(),
): TokenBucket {
  /** When the bucket will be full again: each token taken moves it on by the time that a token needs. */
  let fullAtMs = nowMs()
  const tokenMs = 1_000 / perSecond
  return {
    take(signal) {
      const now = nowMs()
      fullAtMs = Math.max(fullAtMs, now) + tokenMs
      return pause(fullAtMs - now - burst * tokenMs, signal)
    },
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return signal.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve()
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      if (signal.aborted) reject(signal.reason as Error)
      else resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
