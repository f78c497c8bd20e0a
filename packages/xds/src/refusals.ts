// What is refused: all of it counted by reason, some of it logged. Whoever is refused may come again and again.
import type { Counter, Logger, Meter } from '@penstock/telemetry'
import { createLogBudget } from './log-budget.ts'

export interface Refusals {
  refuse(reason: string, fields: Readonly<Record<string, unknown>>): void
}

const linesPerMinute = 10

export function createRefusals({ logger, meter }: { logger: Logger; meter: Meter }): Refusals {
  const counter: Counter = meter.counter(
    'penstock_xds_refused_total',
    'Connections, streams and requests of proxies that were refused, by reason',
    ['reason'],
  )
  const budget = createLogBudget(linesPerMinute)
  return {
    refuse(reason, fields) {
      counter.add(1, { reason })
      const notLogged = budget(reason)
      if (notLogged === undefined) return
      logger.warn('proxy refused', { reason, ...fields, ...(notLogged > 0 && { notLogged }) })
    },
  }
}
