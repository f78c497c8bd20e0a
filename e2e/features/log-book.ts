// A logger that keeps what it is told, for events that a person would read.
import type { Logger } from '@penstock/telemetry'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

export interface LogBook {
  readonly log: Logger
  readonly lines: readonly LogLine[]
  /** Lines of this event whose fields include these. */
  find(event: string, fields?: Readonly<Record<string, unknown>>): readonly LogLine[]
}

export function createLogBook(): LogBook {
  const lines: LogLine[] = []
  const logger = (base: Readonly<Record<string, unknown>>): Logger => {
    const at =
      (level: LogLine['level']) =>
      (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        lines.push({ level, event, fields: { ...base, ...fields } })
      }
    const child = (fields: Readonly<Record<string, unknown>>): Logger => logger({ ...base, ...fields })
    return { trace: () => {}, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child }
  }
  return {
    log: logger({}),
    lines,
    find: (event, fields = {}) =>
      lines.filter(
        (line) =>
          line.event === event && Object.entries(fields).every(([name, value]) => Object.is(line.fields[name], value)),
      ),
  }
}
