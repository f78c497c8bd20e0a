// Readiness: named checks, each held by what it speaks for. Ready means every check has passed once and none fails.
// Liveness is no business of theirs: it depends on nothing outside the process (design section 9).
import type { Logger, Meter } from '@penstock/telemetry'

export interface Check {
  pass(): void
  fail(reason: string): void
}

export interface CheckState {
  readonly name: string
  readonly state: 'pending' | 'passing' | 'failing'
  /** Why it fails, or what it still waits for. */
  readonly reason?: string
  /** When it came into this state, RFC 3339. */
  readonly since: string
}

export interface Health {
  /** A new check is pending, so the service is not ready until it has passed; `waitsFor` says what it waits for. */
  check(name: string, waitsFor?: string): Check
  readonly ready: boolean
  readonly checks: readonly CheckState[]
}

const now = (): string => new Date().toISOString()

/** Once `signal` aborts the service is not ready, whatever the checks say, and they say it in silence. */
export function createHealth(logger: Logger, meter: Meter, signal: AbortSignal): Health {
  const states = new Map<string, CheckState>()
  const gauge = meter.gauge('penstock_service_ready', '1 while every readiness check passes')
  const startedMs = performance.now()
  let ready = false
  let everReady = false
  let stoppedAt = ''
  signal.addEventListener('abort', () => (stoppedAt = now()), { once: true })

  const update = (next: Omit<CheckState, 'since'>): void => {
    const before = states.get(next.name)
    const since = before?.state === next.state ? before.since : now()
    states.set(next.name, { ...next, since })
    if (signal.aborted) return
    if (next.state === 'failing' && before?.state !== 'failing') {
      logger.warn('check_failing', { check: next.name, reason: next.reason })
    }
    const holds = [...states.values()].every(({ state }) => state === 'passing')
    if (holds === ready) return
    ready = holds
    gauge.set(ready ? 1 : 0)
    if (!ready) return
    if (everReady) logger.info('ready_again')
    else logger.info('ready', { ms: Math.round(performance.now() - startedMs) })
    everReady = true
  }

  return {
    check(name, waitsFor) {
      if (states.has(name)) throw new Error(`the check ${name} is held by somebody else`)
      update({ name, state: 'pending', ...(waitsFor === undefined ? {} : { reason: waitsFor }) })
      return {
        pass: () => update({ name, state: 'passing' }),
        fail: (reason) => update({ name, state: 'failing', reason }),
      }
    },
    get ready() {
      return ready && !signal.aborted
    },
    get checks() {
      const stopping: CheckState = { name: 'lifetime', state: 'failing', reason: 'stopping', since: stoppedAt }
      return [...states.values(), ...(signal.aborted ? [stopping] : [])]
    },
  }
}
