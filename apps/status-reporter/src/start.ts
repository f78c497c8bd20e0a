// The wiring: STATUS says what each object's status should be, FEEDBACK what the proxies acknowledged; what comes of both
// is one file for each object. Only identities wait to be written, and each write looks at what is true then.
import { type Bus, channels } from '@penstock/bus'
import type { Source, Status } from '@penstock/ir'
import type { Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createFleetViews, type FleetViews } from './fleet-view.ts'
import { judgeProgrammed } from './programmed.ts'
import { statusDocument } from './status-document.ts'
import { openStatusFolder, type StatusFolder, statusFile } from './status-folder.ts'
import { createTroubleLog, type TroubleLog } from './trouble-log.ts'

export interface StatusReporterOptions {
  bus: Bus
  config: { status: string; controllerName: string; gatewayAddress: string; noProxyMs: number }
  log: Logger
  meter: Meter
  health?: Health
}

export function startStatusReporter({ bus, config, log, meter, health }: StatusReporterOptions): AsyncDisposable {
  const check = health?.check('status')
  const reporter = new StatusReporter(openStatusFolder(config.status), { config, log, meter })
  const stack = new AsyncDisposableStack()
  stack.use(reporter)
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
  return { [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

interface Wanted {
  readonly record: Status & { source: Source }
  readonly irCommit: number
}

const recheckMs = 5_000

class StatusReporter implements Disposable {
  readonly #folder: StatusFolder
  readonly #options: Pick<StatusReporterOptions, 'config' | 'log' | 'meter'>
  readonly #fleets: FleetViews = createFleetViews()
  readonly #troubles: TroubleLog
  readonly #wanted = new Map<string, Wanted>()
  readonly #carriedBy = new Map<string, Set<string>>()
  readonly #due = new Set<string>()
  readonly #writes
  #begun = false
  #writing: NodeJS.Immediate | undefined
  readonly #recheck: NodeJS.Timeout

  constructor(folder: StatusFolder, options: Pick<StatusReporterOptions, 'config' | 'log' | 'meter'>) {
    this.#folder = folder
    this.#options = options
    this.#troubles = createTroubleLog(options.log)
    this.#writes = options.meter.counter('penstock_status_writes_total', 'Status files written', ['kind'])
    // That a fleet has been empty for too long is told by no message.
    this.#recheck = setInterval(() => this.#dueForEmptyFleets(), recheckMs).unref()
  }

  want(key: string, record: Status | undefined, irCommit: number): void {
    for (const fleet of this.#wanted.get(key)?.record.fleets ?? []) this.#carriedBy.get(fleet)?.delete(key)
    const { source } = record ?? {}
    if (!record || !source) {
      const gone = this.#wanted.get(key)
      this.#wanted.delete(key)
      if (gone && this.#begun) this.#remove(gone.record.source)
      return
    }
    this.#wanted.set(key, { record: { ...record, source }, irCommit })
    for (const fleet of record.fleets) {
      const keys = this.#carriedBy.get(fleet) ?? new Set()
      this.#carriedBy.set(fleet, keys.add(key))
    }
    this.#soon([key])
  }

  hear(changes: Parameters<FleetViews['apply']>[0]): void {
    for (const fleet of this.#fleets.apply(changes, Date.now())) this.#soon(this.#carriedBy.get(fleet) ?? [])
  }

  /** Both channels are read: what no object accounts for is left over from an earlier life. */
  begin(): void {
    this.#begun = true
    const known = new Set([...this.#wanted.values()].map(({ record }) => statusFile(record.source)))
    for (const file of this.#folder.files()) if (!known.has(file)) this.#folder.remove(file)
    this.#soon(this.#wanted.keys())
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#writing)
    clearInterval(this.#recheck)
  }

  #soon(keys: Iterable<string>): void {
    for (const key of keys) this.#due.add(key)
    if (!this.#begun || this.#due.size === 0) return
    this.#writing ??= setImmediate(() => {
      this.#writing = undefined
      const due = [...this.#due]
      this.#due.clear()
      for (const key of due) this.#write(key)
    })
  }

  #write(key: string): void {
    const wanted = this.#wanted.get(key)
    if (!wanted) return
    const { record, irCommit } = wanted
    const { config } = this.#options
    const file = statusFile(record.source)
    const nowMs = Date.now()
    const fleets = record.fleets.map((name) => ({ name, view: this.#fleets.get(name) }))
    const verdict = judgeProgrammed({ source: record.source, irCommit, fleets, nowMs, noProxyMs: config.noProxyMs })
    const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
    const context = { ...config, generation: record.source.generation, verdict, now }
    const document = statusDocument(record, this.#folder.read(file), context)
    if (!document || !this.#folder.write(file, document)) return
    this.#writes.add(1, { kind: record.source.kind })
    this.#troubles.check(record.source, document.status)
  }

  #remove(source: Source): void {
    this.#folder.remove(statusFile(source))
    this.#troubles.check(source, undefined)
  }

  #dueForEmptyFleets(): void {
    for (const [fleet, keys] of this.#carriedBy) {
      if (this.#fleets.get(fleet)?.emptySinceMs !== undefined) this.#soon(keys)
    }
  }
}
