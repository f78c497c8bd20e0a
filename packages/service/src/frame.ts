// What every service has, whatever it does: its frame's settings, and the parts that `run` hands to `start`.
import type { Logger, Meter } from '@penstock/telemetry'
import type { Admin } from './admin.ts'
import type { Health } from './health.ts'
import { type LogLevel, logLevels } from './log.ts'
import { integer, oneOf, port, text } from './parse.ts'
import type { SettingsTable } from './settings.ts'

export interface FrameConfig {
  adminHost: string
  adminPort: number
  debugTokenFile: string
  logLevel: LogLevel
  shutdownMs: number
}

export const frameSettings: SettingsTable<FrameConfig> = {
  adminHost: {
    env: 'PENSTOCK_ADMIN_HOST',
    parse: text,
    default: '127.0.0.1',
    sentence: 'The address on which health, metrics and debug pages are served; they show internals.',
  },
  adminPort: {
    env: 'PENSTOCK_ADMIN_PORT',
    parse: port,
    default: 9900,
    sentence: 'The port of health, metrics and debug pages; 0 lets the system choose.',
  },
  debugTokenFile: {
    env: 'PENSTOCK_DEBUG_TOKEN_FILE',
    parse: text,
    default: '',
    sentence:
      'A file with the token that opens the debug pages and changes the log level, read with every request; empty: they are closed.',
  },
  logLevel: {
    env: 'PENSTOCK_LOG_LEVEL',
    parse: oneOf(...logLevels),
    default: 'info',
    sentence: 'The lowest level that is logged.',
  },
  shutdownMs: {
    env: 'PENSTOCK_SHUTDOWN_MS',
    parse: integer(0, 600_000),
    default: 8_000,
    sentence: 'How long the service may take to end in order, in milliseconds; then it just ends.',
  },
}

export interface Parts<C> {
  readonly config: Readonly<C>
  readonly log: Logger
  readonly meter: Meter
  readonly health: Health
  readonly admin: Admin
  /** Aborts when the service is to end. */
  readonly signal: AbortSignal
  /** What is put here is ended in reverse order: stop the intake, finish the commit, flush, close. */
  readonly stack: AsyncDisposableStack
}

export interface Service<C> {
  readonly name: string
  readonly settings: SettingsTable<C>
  /** Resolves once everything runs; what it started is on the stack. It fails with the reason why it cannot. */
  start(parts: Parts<C>): Promise<void>
}
