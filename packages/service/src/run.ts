// The life of a process: settings, log, admin port, start, the wait for a signal, and the end in reverse order. Every way
// out is in this file. `main.ts` of each app is one call of `run`.
import { once, setMaxListeners } from 'node:events'
import { Fault } from '@penstock/fault'
import { type FrameConfig, frameSettings, type Service } from './frame.ts'
import { createLog, type Log } from './log.ts'
import { openFrame } from './open-frame.ts'
import { readSettings, redactSettings, type SettingsTable } from './settings.ts'

/** Runs the service until a signal ends it. The exit code is 0 after an orderly end, 1 after any other. */
export async function run<C>(service: Service<C>): Promise<never> {
  const log = createLog(service.name, 'info')
  exitOnBug(log)
  const signal = abortOnSignal(log)
  const stack = new AsyncDisposableStack()
  let shutdownMs = 8_000
  let code = 0
  try {
    const table = { ...service.settings, ...frameSettings } as SettingsTable<C & FrameConfig>
    const config = readSettings(table, process.env)
    shutdownMs = config.shutdownMs
    log.level = config.logLevel
    log.logger.info('settings', redactSettings(table, config))
    // From the signal on, not from the end of `start`: a start that does not heed it must not last for ever.
    signal.addEventListener('abort', () => exitAfter(shutdownMs, log))
    const { adminHost: host, adminPort: port, debugTokenFile } = config
    const { started, ...parts } = await openFrame({ host, port, debugTokenFile, log, signal, stack })
    await service.start({ config, ...parts })
    started.pass()
    if (!signal.aborted) await once(signal, 'abort')
  } catch (thrown) {
    // A start that was told to stop may fail because of it.
    if (!signal.aborted) {
      code = 1
      log.logger.error('start_failed', reasonOf(thrown))
      exitAfter(shutdownMs, log)
    }
  }
  process.exit((await end(stack, log)) ? code : 1)
}

/** Ends all that had started, the last first. */
async function end(stack: AsyncDisposableStack, { logger }: Log): Promise<boolean> {
  const startedMs = performance.now()
  try {
    await stack.disposeAsync()
    logger.info('stopped', { ms: Math.round(performance.now() - startedMs) })
    return true
  } catch (thrown) {
    logger.error('stop_failed', reasonOf(thrown))
    return false
  }
}

/** The first signal asks for an orderly end, the second one ends at once. */
function abortOnSignal({ logger }: Log): AbortSignal {
  const lifetime = new AbortController()
  setMaxListeners(0, lifetime.signal)
  const onSignal = (name: string): void => {
    if (lifetime.signal.aborted) {
      logger.warn('stopped_at_once', { signal: name })
      process.exit(1)
    }
    logger.info('stopping', { signal: name })
    lifetime.abort(new Error(`the service was told to stop (${name})`))
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  return lifetime.signal
}

/** An error that nobody caught is a bug, and what it left behind is unknown. Rejections that nobody awaits come here too. */
function exitOnBug({ logger }: Log): void {
  process.on('uncaughtException', (error, origin) => {
    logger.error('crashed', { origin, error })
    process.exit(1)
  })
}

function exitAfter(ms: number, { logger }: Log): void {
  setTimeout(() => {
    logger.error('stop_late', { ms })
    process.exit(1)
  }, ms)
}

/** A fault says all in its sentence; anything else needs its stack. */
function reasonOf(thrown: unknown): Record<string, unknown> {
  return thrown instanceof Fault ? { code: thrown.code, reason: thrown.message } : { error: thrown }
}
