// The wiring: STATUS says what each object's status should be, FEEDBACK what the proxies acknowledged; what comes of both
// is one file for each object.
import { type Bus, channels } from '@penstock/bus'
import type { Admin, Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { Reporter, type ReporterConfig } from './reporter.ts'

export interface StatusReporterOptions {
  bus: Bus
  config: ReporterConfig
  log: Logger
  meter: Meter
  health?: Pick<Health, 'check'>
  admin?: Admin
}

/** Throws when the folder cannot be made. */
export function startStatusReporter(options: StatusReporterOptions): AsyncDisposable {
  const { bus, config, log, meter, health, admin } = options
  const check = health?.check('status', 'STATUS and FEEDBACK to be read')
  const stack = new AsyncDisposableStack()
  const reporter = stack.use(
    new Reporter({
      ...{ config, log, meter },
      onFault(fault) {
        check?.fail(fault.message)
        log.error('status_unwritable', { code: fault.code, reason: fault.message })
      },
      onWritten: () => check?.pass(),
    }),
  )
  const feedback = stack.use(bus.listen(channels.feedback, { onChange: (changes) => reporter.hear(changes) }))
  const status = stack.use(
    bus.follow(channels.status, {
      onCommit({ changes }) {
        for (const { key, value, headers } of changes) reporter.want(key, value, Number(headers['ir-commit'] ?? 0))
      },
      onHeld: (reason) => (reason ? log.warn('status_held', { ...reason }) : log.info('status_readable')),
    }),
  )
  void Promise.all([feedback.whenSynced(), status.whenSynced()]).then(() => {
    reporter.begin()
    check?.pass()
  })
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  admin?.debug('statuses', ({ rest }) => (rest === '' ? reporter.overview() : reporter.explain(rest)))
  admin?.debug('fleets', () => reporter.fleets)
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
