// The wiring: STATUS says what each object's status should be, FEEDBACK what the proxies acknowledged; what comes of both
// is written by the one that leads, to a folder or to Kubernetes.
import { type Bus, channels } from '@penstock/bus'
import { Fault } from '@penstock/fault'
import type { Kube } from '@penstock/kube'
import type { Admin, Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createClusterTarget } from './cluster-target.ts'
import { createFolderTarget } from './folder-target.ts'
import { watchForOutages } from './outage-watch.ts'
import { Reporter, type ReporterConfig, type Writing } from './reporter.ts'
import type { StatusTarget } from './status-target.ts'

export interface StatusReporterOptions {
  bus: Bus
  /** Undefined: statuses are files. */
  kube?: Kube
  config: ReporterConfig & { status: string; writesPerSecond: number; resyncMs: number }
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
  const closing = new AbortController()
  /** It is known in which version each kind is served. */
  const versions = Promise.withResolvers<void>()
  const onFault = (fault: Fault): void => {
    check?.fail(fault.message)
    log.error('status_unwritable', { code: fault.code, reason: fault.message })
  }
  const lead = bus.lead({
    after: [channels.status],
    onLead: () => reporter.lead(),
    onFollow: () => reporter.follow(),
  })
  const target = targetOf(options, {
    ...{ signal: closing.signal, onFault },
    leads: () => lead.held,
    onLost: () => reporter.lookAgain(),
  })
  const reporter = new Reporter({
    ...{ config, target, log, meter, onFault },
    writing: options.kube ? clusterWriting : folderWriting,
    onWritten: () => check?.pass(),
  })
  stack.use(reporter)
  stack.use(lead)
  const resync = setInterval(() => reporter.lookAgain(), config.resyncMs)
  stack.defer(() => clearInterval(resync))
  const feedback = stack.use(bus.listen(channels.feedback, { onChange: (changes) => reporter.hear(changes) }))
  const status = stack.use(
    bus.follow(channels.status, {
      onCommit({ changes }) {
        for (const { key, value, headers } of changes) reporter.want(key, value, Number(headers['ir-commit'] ?? 0))
      },
      onHeld: (reason) => (reason ? log.warn('status_held', { ...reason }) : log.info('status_readable')),
    }),
  )
  if (options.kube) {
    stack.use(options.kube.discover({ definitions: false, onChange: () => versions.resolve() }))
    stack.use(watchForOutages(options.kube, () => reporter.lookAgain()))
  } else versions.resolve()
  void Promise.all([feedback.whenSynced(), status.whenSynced(), versions.promise]).then(() => {
    reporter.begin()
    check?.pass()
  })
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  admin?.debug('statuses', ({ rest }) => (rest === '' ? reporter.overview() : reporter.explain(rest)))
  admin?.debug('fleets', () => reporter.fleets)
  // First of all: what is being written then is not.
  stack.defer(() => closing.abort(new Fault('lease_lost', 'this status-reporter ends')))
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const folderWriting: Writing = { atOnce: 1, paceMs: { first: 0, longest: 0 }, retryMs: 10_000 }
/** What is read before it is written takes two requests, so several objects are on their way at once. */
const clusterWriting: Writing = { atOnce: 8, paceMs: { first: 100, longest: 2_000 }, retryMs: 10_000 }

interface TargetParts {
  readonly signal: AbortSignal
  leads(): boolean
  onFault(fault: Fault): void
  onLost(): void
}

const fieldManager = 'penstock-status-reporter'

function targetOf({ kube, config, log, meter }: StatusReporterOptions, parts: TargetParts): StatusTarget {
  if (!kube) return createFolderTarget({ ...parts, folder: config.status })
  const { controllerName, writesPerSecond } = config
  const writer = kube.writer({
    fieldManager,
    guard() {
      if (!parts.leads()) throw new Fault('lease_lost', 'another status-reporter leads')
    },
    writesPerSecond,
    burst: writesPerSecond * 2,
    signal: parts.signal,
  })
  const overwritten = meter.counter('penstock_status_overwritten_total', 'Statuses that somebody else changed', [
    'kind',
  ])
  return createClusterTarget({
    ...{ writer, fieldManager, controllerName },
    onRefused({ kind, namespace, name }, message) {
      log.error('status_refused', { kind, namespace, name, reason: message })
    },
    onOverwritten({ kind, namespace, name }, by) {
      overwritten.add(1, { kind })
      log.error('status_overwritten', { kind, namespace, name, by, controllerName })
    },
  })
}
