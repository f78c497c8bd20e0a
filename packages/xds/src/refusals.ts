// What is refused: all of it counted by reason, some of it logged. Whoever is refused may come again and again, so the log
// says so much a minute for each reason, and how much it did not say.
import type { Counter, Logger, Meter } from '@penstock/telemetry'

export interface Refusals {
  refuse(reason: string, fields: Readonly<Record<string, unknown>>): void
}

const windowMs = 60_000
const linesPerWindow = 10

export interface RefusalsOptions {
  logger: Logger
  meter: Meter
  elapsedMs?(): number
}

export function createRefusals({ logger, meter, elapsedMs = () => performance.now() }: RefusalsOptions): Refusals {
  const counter: Counter = meter.counter(
    'penstock_xds_refused_total',
    'Connections, streams and requests of proxies that were refused, by reason',
    ['reason'],
  )
  const windows = new Map<string, { sinceMs: number; lines: number; unsaid: number }>()
  return {
    refuse(reason, fields) {
      counter.add(1, { reason })
      const nowMs = elapsedMs()
      let window = windows.get(reason)
      if (!window || nowMs - window.sinceMs >= windowMs) {
        window = { sinceMs: nowMs, lines: 0, unsaid: window?.unsaid ?? 0 }
        windows.set(reason, window)
      }
      if (window.lines >= linesPerWindow) {
        window.unsaid += 1
        return
      }
      window.lines += 1
      logger.warn('proxy refused', { reason, ...fields, ...(window.unsaid > 0 && { notLogged: window.unsaid }) })
      window.unsaid = 0
    },
  }
}
