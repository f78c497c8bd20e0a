// The log: JSON lines on standard output, `svc` and `msg` and the fields. A line is an event name and fields.
import type { Logger } from '@penstock/telemetry'
import { type DestinationStream, pino, stdSerializers } from 'pino'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  readonly logger: Logger
  /** Counts for every logger and child at once. */
  level: LogLevel
}

// Not pino's default: lines in flight when the process ends would come late, or out of order.
const standardOutput = (): DestinationStream => pino.destination({ dest: 1, sync: true })

export function createLog(service: string, level: LogLevel, destination = standardOutput()): Log {
  const root = pino(
    {
      // The level is held here, not in pino: a pino child keeps the level that its parent had when it was made.
      level: 'trace',
      base: { svc: service },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    destination,
  )
  const log = { level }
  const admits = (lineLevel: LogLevel): boolean => logLevels.indexOf(lineLevel) >= logLevels.indexOf(log.level)
  const wrap = (inner: typeof root): Logger => {
    const line =
      (lineLevel: LogLevel): Logger['info'] =>
      (event, fields = {}) => {
        if (admits(lineLevel)) inner[lineLevel](fields, event)
      }
    return {
      trace: line('trace'),
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: (fields) => wrap(inner.child(fields)),
    }
  }
  return Object.assign(log, { logger: wrap(root) })
}
