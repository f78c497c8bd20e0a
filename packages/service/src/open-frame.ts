// The frame around a service, without its process: metrics, health and the admin port. `run` opens one; a test may too.
import { type Admin, createAdmin } from './admin.ts'
import { frameSettings, type Parts } from './frame.ts'
import { type Check, createHealth } from './health.ts'
import type { Log } from './log.ts'
import { createMetrics } from './metrics.ts'

export interface FrameOptions {
  readonly host: string
  readonly port: number
  /** Left out: the debug pages are closed. */
  readonly debugTokenFile?: string
  readonly log: Log
  readonly signal: AbortSignal
  readonly stack: AsyncDisposableStack
}

export interface Frame extends Omit<Parts<unknown>, 'config'> {
  readonly admin: Admin
  /** Passes when the service has started. */
  readonly started: Check
}

/** The admin port opens first, so that a slow start can be watched, and closes last. */
export async function openFrame(options: FrameOptions): Promise<Frame> {
  const { host, port, debugTokenFile = '', log, signal, stack } = options
  const metrics = createMetrics()
  const { meter } = metrics
  const health = createHealth(log.logger, meter, signal)
  const started = health.check('start', 'starting')
  const variables = {
    portVariable: frameSettings.adminPort.env,
    debugTokenVariable: frameSettings.debugTokenFile.env,
  }
  const admin = stack.use(await createAdmin({ host, port, debugTokenFile, ...variables, health, log, metrics }))
  log.logger.info('admin', { host, port: admin.port })
  return { log: log.logger, meter, health, admin, signal, stack, started }
}
