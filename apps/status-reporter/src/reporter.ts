// What is wanted joined with what proxies said, written where it differs. Only identities wait to be written, and each
// write looks at what is true then.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Fault, retry } from '@penstock/fault'
import { parseObjectKey } from '@penstock/gateway-api'
import { type Feedback, type ProxyState, type Source, type Status, sourceKey } from '@penstock/ir'
import type { Logger, Meter } from '@penstock/telemetry'
import { createCarriedObjects } from './carried-objects.ts'
import { createFleetViews, type FleetView } from './fleet-view.ts'
import { judgeProgrammed, type ParentObject, refusedListeners, type Verdict } from './programmed.ts'
import { statusDocument } from './status-document.ts'
import { openStatusFolder, type StatusFolder, statusFile } from './status-folder.ts'
import { createTroubleLog, type TroubleLog } from './trouble-log.ts'

export interface ReporterConfig {
  status: string
  controllerName: string
  gatewayAddress: string
  noProxyMs: number
}

export interface ReporterOptions {
  config: ReporterConfig
  log: Logger
  meter: Meter
  /** The folder cannot be written; it is tried again. */
  onFault(fault: Fault): void
  onWritten(): void
}

interface Wanted {
  readonly record: Status & { source: Source }
  readonly irCommit: number
}

const recheckMs = 5_000
/** Files written before events get their turn. */
const filesPerTurn = 25

export class Reporter implements AsyncDisposable {
  readonly #options: ReporterOptions
  readonly #folder: StatusFolder
  readonly #fleets = createFleetViews()
  readonly #carried = createCarriedObjects()
  readonly #troubles: TroubleLog
  readonly #wanted = new Map<string, Wanted>()
  readonly #due = new Set<string>()
  /** Fleets of which every object was told that they have no proxy. */
  readonly #deserted = new Set<string>()
  /** By fleet, as `refusedListeners` says it; none: not listed. */
  readonly #refusedListeners = new Map<string, string>()
  readonly #writes
  readonly #closing = new AbortController()
  readonly #recheck: NodeJS.Timeout
  #begun = false
  readonly #strays: string[] = []
  #working: Promise<void> | undefined

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#folder = openStatusFolder(options.config.status, () => this.#soon(this.#wanted.keys()))
    this.#troubles = createTroubleLog(options.log)
    this.#writes = options.meter.counter('penstock_status_writes_total', 'Status files written', ['kind'])
    // That a fleet has been empty for too long is told by no message.
    this.#recheck = setInterval(() => this.#lookForDeserted(), Math.min(recheckMs, options.config.noProxyMs + 100))
  }

  want(key: string, record: Status | undefined, irCommit: number): void {
    if (record?.source) {
      this.#wanted.set(key, { record: { ...record, source: record.source }, irCommit })
      this.#carried.set(key, record.fleets, false)
      this.#soon([key])
      return
    }
    this.#wanted.delete(key)
    this.#carried.delete(key)
    this.#soon([key])
  }

  hear(changes: readonly { readonly key: string; readonly value: Feedback | undefined }[]): void {
    for (const fleet of this.#fleets.apply(changes, Date.now())) {
      const view = this.#fleets.get(fleet)
      if (view?.emptySinceMs === undefined) this.#deserted.delete(fleet)
      this.#soon(this.#carried.unsettled(fleet))
      this.#lookForRefusedListeners(fleet, view?.proxies ?? [])
      const rejections = view?.proxies.flatMap((proxy) => proxy.rejections) ?? []
      this.#soon(rejections.flatMap(({ sources }) => sources.map(sourceKey)))
    }
  }

  /** Both channels are read: what no object accounts for is left over from an earlier life. */
  begin(): void {
    this.#begun = true
    const known = new Set([...this.#wanted.values()].map(({ record }) => statusFile(record.source)))
    this.#strays.push(...this.#folder.files().filter((file) => !known.has(file)))
    this.#soon(this.#wanted.keys())
  }

  /** Every object, with the IR commit that its status waits for and whether its file still is to be written. */
  overview(): unknown {
    return [...this.#wanted].map(([key, { record, irCommit }]) => ({
      ...{ key, file: statusFile(record.source), generation: record.source.generation, irCommit },
      waits: this.#due.has(key),
    }))
  }

  /** What is wanted for an object, what its fleets say of it, and what stands in its file. */
  explain(key: string): unknown {
    const wanted = this.#wanted.get(key)
    if (!wanted) return undefined
    const { record, irCommit } = wanted
    const file = statusFile(record.source)
    const fleets = record.fleets.map((name) => ({ name, verdict: this.#judge(wanted, [name], undefined) }))
    return { key, irCommit, wanted: record, fleets, file, written: this.#folder.read(file), waits: this.#due.has(key) }
  }

  /** The proxies of each fleet, as all servers together tell of them. */
  get fleets(): ReadonlyMap<string, FleetView> {
    return new Map(this.#fleets.all())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#recheck)
    this.#closing.abort(new Error('the reporter is closed'))
    await this.#working
  }

  #soon(keys: Iterable<string>): void {
    for (const key of keys) this.#due.add(key)
    if (!this.#begun || this.#due.size + this.#strays.length === 0 || this.#closing.signal.aborted) return
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      this.#soon([])
    })
  }

  async #work(): Promise<void> {
    for (const file of this.#strays.splice(0)) await this.#untilDone(() => this.#folder.remove(file))
    while (this.#due.size > 0 && !this.#closing.signal.aborted) {
      await nextTurn()
      for (const key of [...this.#due].slice(0, filesPerTurn)) {
        this.#due.delete(key)
        await this.#write(key)
      }
    }
    this.#options.onWritten()
  }

  /** `write` throws nothing but faults of the folder. */
  async #untilDone(write: () => void): Promise<void> {
    const { signal } = this.#closing
    try {
      await retry(
        async () => {
          write()
        },
        { signal, onFault: this.#options.onFault },
      )
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  async #write(key: string): Promise<void> {
    const wanted = this.#wanted.get(key)
    const file = statusFile(parseObjectKey(key))
    if (!wanted) {
      this.#troubles.check(parseObjectKey(key), undefined)
      await this.#untilDone(() => this.#folder.remove(file))
      return
    }
    const { source, fleets } = wanted.record
    const verdicts: Verdict[] = []
    const judge = (names: readonly string[], parent?: ParentObject): Verdict => {
      const verdict = this.#judge(wanted, names, parent)
      verdicts.push(verdict)
      return verdict
    }
    const now = `${new Date().toISOString().slice(0, 19)}Z`
    const context = { ...this.#options.config, judge, now }
    const document = statusDocument(wanted.record, this.#folder.read(file)?.status, context)
    if (!document) return
    this.#troubles.check(source, document.status)
    // A Gateway is told how many proxies have it, so every acknowledgement matters to it.
    const settled = source.kind !== 'Gateway' && verdicts.every(({ status }) => status === 'True')
    this.#carried.set(key, fleets, settled)
    await this.#untilDone(() => {
      if (this.#folder.write(file, document)) this.#writes.add(1, { kind: source.kind })
    })
  }

  #judge({ record, irCommit }: Wanted, names: readonly string[], parent: ParentObject | undefined): Verdict {
    const fleets = names.map((name) => ({ name, view: this.#fleets.get(name) }))
    const { noProxyMs } = this.#options.config
    return judgeProgrammed({ source: record.source, parent, irCommit, fleets, nowMs: Date.now(), noProxyMs })
  }

  /** What hangs on a listener is told even if it was settled. */
  #lookForRefusedListeners(fleet: string, proxies: readonly ProxyState[]): void {
    const refused = refusedListeners(proxies)
    if (refused === (this.#refusedListeners.get(fleet) ?? '')) return
    if (refused === '') this.#refusedListeners.delete(fleet)
    else this.#refusedListeners.set(fleet, refused)
    this.#soon(this.#carried.all(fleet))
  }

  #lookForDeserted(): void {
    const nowMs = Date.now()
    for (const [fleet, { emptySinceMs }] of this.#fleets.all()) {
      if (emptySinceMs === undefined || this.#deserted.has(fleet)) continue
      if (nowMs - emptySinceMs < this.#options.config.noProxyMs) continue
      this.#deserted.add(fleet)
      this.#soon(this.#carried.all(fleet))
    }
  }
}
