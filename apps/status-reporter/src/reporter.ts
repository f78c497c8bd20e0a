// What is wanted joined with what proxies said, written where it differs, by who leads. Only identities wait to be
// written, and each write looks at what is true then.
import { Fault } from '@penstock/fault'
import { parseObjectKey } from '@penstock/gateway-api'
import { type Feedback, type ProxyState, type Source, type Status, sourceKey } from '@penstock/ir'
import { createDueKeys, type DueKeys } from '@penstock/kube'
import type { Logger, Meter } from '@penstock/telemetry'
import { createCarriedObjects } from './carried-objects.ts'
import { createFleetViews, type FleetView } from './fleet-view.ts'
import { judgeProgrammed, type ParentObject, refusedListeners, type Verdict } from './programmed.ts'
import { type Address, addressOf, type DocumentContext, objectStatus } from './status-document.ts'
import type { StatusTarget, WantedStatus } from './status-target.ts'
import { createTroubleLog, type TroubleLog } from './trouble-log.ts'

export interface ReporterConfig {
  controllerName: string
  gatewayAddress: string
  noProxyMs: number
  settleMs: number
}

export interface ReporterOptions {
  config: ReporterConfig
  target: StatusTarget
  writing: Writing
  log: Logger
  meter: Meter
  /** Something cannot be written; it is tried again. */
  onFault(fault: Fault): void
  /** Nothing waits to be written. */
  onWritten(): void
}

export interface Writing {
  /** Objects that are written side by side. */
  readonly atOnce: number
  /** How often one is. */
  readonly paceMs: { readonly first: number; readonly longest: number }
  /** Until a write that cannot succeed now is tried again. */
  readonly retryMs: number
}

interface Wanted {
  readonly record: Status & { source: Source }
  readonly irCommit: number
  readonly sinceMs: number
}

const recheckMs = 5_000

export class Reporter implements AsyncDisposable {
  readonly #options: ReporterOptions
  readonly #fleets = createFleetViews()
  readonly #carried = createCarriedObjects()
  readonly #troubles: TroubleLog
  readonly #wanted = new Map<string, Wanted>()
  readonly #due: DueKeys
  /** Fleets of which every object was told that they have no proxy. */
  readonly #deserted = new Set<string>()
  /** By fleet, as `refusedListeners` says it; none: not listed. */
  readonly #refusedListeners = new Map<string, string>()
  readonly #writes
  /** When the status of an object was last written here, RFC 3339. */
  readonly #writtenAt = new Map<string, string>()
  /** By kind: why its statuses cannot be written, and the last of which that was found. */
  readonly #unwritable = new Map<string, { readonly code: Fault['code']; readonly key: string }>()
  readonly #recheck: NodeJS.Timeout
  /** Both channels were read. */
  #synced = false
  #leading = false

  constructor(options: ReporterOptions) {
    this.#options = options
    this.#troubles = createTroubleLog(options.log, (owner, { reason, message }) => {
      const source = this.#wanted.get(sourceKey(owner))?.record.source
      if (source) options.target.warn?.(source, reason, message)
    })
    this.#writes = options.meter.counter('penstock_status_writes_total', 'Statuses written', ['kind'])
    this.#due = createDueKeys({
      ...options.writing,
      work: (key) => this.#work(key),
      onIdle: () => this.#unwritable.size === 0 && options.onWritten(),
    })
    // That a fleet has been empty for too long is told by no message.
    this.#recheck = setInterval(() => this.#lookForDeserted(), Math.min(recheckMs, options.config.noProxyMs + 100))
  }

  want(key: string, record: Status | undefined, irCommit: number): void {
    if (record?.source) {
      this.#wanted.set(key, { record: { ...record, source: record.source }, irCommit, sinceMs: performance.now() })
      this.#carried.set(key, record.fleets, false)
    } else {
      this.#wanted.delete(key)
      this.#writtenAt.delete(key)
      this.#carried.delete(key)
    }
    this.#due.add([key])
  }

  hear(changes: readonly { readonly key: string; readonly value: Feedback | undefined }[]): void {
    for (const fleet of this.#fleets.apply(changes, Date.now())) {
      const view = this.#fleets.get(fleet)
      if (view?.emptySinceMs === undefined) this.#deserted.delete(fleet)
      this.#due.add(this.#carried.unsettled(fleet))
      this.#lookForRefusedListeners(fleet, view?.proxies ?? [])
      const rejections = view?.proxies.flatMap((proxy) => proxy.rejections) ?? []
      this.#due.add(rejections.flatMap(({ sources }) => sources.map(sourceKey)))
    }
  }

  /** Both channels are read: what no object accounts for is left over from an earlier life. */
  begin(): void {
    this.#synced = true
    this.#open()
  }

  lead(): void {
    this.#leading = true
    this.#open()
  }

  follow(): void {
    this.#leading = false
    this.#due.shut()
    // It fails at nothing while another writes.
    this.#unwritable.clear()
    if (this.#synced) this.#options.onWritten()
  }

  /** What was written may be so no more. */
  lookAgain(): void {
    this.#options.target.forget()
    this.#unwritable.clear()
    this.#due.add(this.#wanted.keys())
  }

  /** Every object, with the IR commit that proxies must acknowledge for it, and whether it waits to be written. */
  overview(): unknown {
    return [...this.#wanted].map(([key, { record, irCommit }]) => {
      return { key, generation: record.source.generation, irCommit, waits: this.#due.has(key) }
    })
  }

  /** What is wanted for an object, what its fleets say of it, and when it was written. */
  explain(key: string): unknown {
    const wanted = this.#wanted.get(key)
    if (!wanted) return undefined
    const { record, irCommit } = wanted
    const fleets = record.fleets.map((name) => ({ name, verdict: this.#judge(wanted, [name], undefined) }))
    const writing = { leading: this.#leading, waits: this.#due.has(key), writtenAt: this.#writtenAt.get(key) }
    return { key, irCommit, fleets, ...writing, wanted: record }
  }

  /** The proxies of each fleet, as all servers together tell of them. */
  get fleets(): ReadonlyMap<string, FleetView> {
    return new Map(this.#fleets.all())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#recheck)
    await this.#due[Symbol.asyncDispose]()
  }

  #open(): void {
    if (!this.#synced || !this.#leading) return
    this.lookAgain()
    void this.#options.target.sweep(new Set(this.#wanted.keys())).then(() => {
      if (this.#leading) this.#due.open()
    })
  }

  async #work(key: string): Promise<boolean> {
    const { kind } = parseObjectKey(key)
    try {
      const written = await this.#write(key)
      // It may have become right without us.
      if (written || this.#unwritable.get(kind)?.key === key) this.#unwritable.delete(kind)
      return written
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      // A lease that was lost is another's to write under; it may also have been renewed at the last moment.
      this.#due.addLater(key, this.#options.writing.retryMs)
      if (thrown.code === 'lease_lost') return false
      // Once a kind: a thousand routes share one missing right.
      if (this.#unwritable.get(kind)?.code !== thrown.code) this.#options.onFault(thrown)
      this.#unwritable.set(kind, { code: thrown.code, key })
      return false
    }
  }

  async #write(key: string): Promise<boolean> {
    const { target } = this.#options
    const source = this.#wanted.get(key)?.record.source
    if (!source) {
      this.#troubles.check(parseObjectKey(key), undefined)
      await target.remove(key)
      return false
    }
    if (this.#waitsForProxies(key)) return false
    const written = await target.write(source, (before) => {
      const wanted = this.#wanted.get(key)
      return wanted && this.#render(key, wanted, before)
    })
    if (written) {
      this.#writes.add(1, { kind: source.kind })
      this.#writtenAt.set(key, new Date().toISOString())
    }
    return written
  }

  /** A route that proxies are about to acknowledge is written once, with their answer. */
  #waitsForProxies(key: string): boolean {
    const wanted = this.#wanted.get(key)
    const leftMs = wanted ? wanted.sinceMs + this.#options.config.settleMs - performance.now() : 0
    if (!wanted || leftMs <= 0 || wanted.record.parents.length === 0) return false
    const { fleets } = wanted.record
    if (!fleets.some((fleet) => (this.#fleets.get(fleet)?.proxies.length ?? 0) > 0)) return false
    if (wanted.record.parents.every((parent) => this.#judge(wanted, parent.fleets, parent).status !== 'undecided')) {
      return false
    }
    this.#due.addLater(key, leftMs)
    return true
  }

  #render(key: string, wanted: Wanted, before: WantedStatus['status'] | undefined): WantedStatus {
    const { source, fleets, finalizers } = wanted.record
    const verdicts: Verdict[] = []
    const context: DocumentContext = {
      controllerName: this.#options.config.controllerName,
      now: `${new Date().toISOString().slice(0, 19)}Z`,
      addresses: (names) => this.#addresses(names),
      judge: (names, parent) => {
        const verdict = this.#judge(wanted, names, parent)
        verdicts.push(verdict)
        return verdict
      },
    }
    const status = objectStatus(wanted.record, before, context)
    this.#troubles.check(source, status, before)
    // A Gateway is told how many proxies have it, so every acknowledgement matters to it.
    const settled = source.kind !== 'Gateway' && verdicts.every((verdict) => verdict.status === 'True')
    this.#carried.set(key, fleets, settled)
    return { status, finalizers }
  }

  /** Lost contact with who runs the proxies takes no address away. */
  #addresses(fleets: readonly string[]): readonly Address[] | undefined {
    const { gatewayAddress } = this.#options.config
    if (gatewayAddress !== '') return [addressOf(gatewayAddress)]
    const told = fleets.map((name) => this.#fleets.get(name)?.infrastructure)
    if (told.includes(undefined)) return undefined
    return told.flatMap((infrastructure) => infrastructure?.addresses ?? [])
  }

  #judge({ record, irCommit }: Wanted, names: readonly string[], parent: ParentObject | undefined): Verdict {
    const fleets = names.map((name) => ({ name, view: this.#fleets.get(name) }))
    const { noProxyMs, gatewayAddress } = this.#options.config
    const { source } = record
    const needsAddress = source.kind === 'Gateway' && gatewayAddress === ''
    const requiredAddresses = record.requiredAddresses?.values ?? []
    const asked = { source, parent, irCommit, fleets, needsAddress, requiredAddresses }
    return judgeProgrammed({ ...asked, nowMs: Date.now(), noProxyMs })
  }

  /** What hangs on a listener is told even if it was settled. */
  #lookForRefusedListeners(fleet: string, proxies: readonly ProxyState[]): void {
    const refused = refusedListeners(proxies)
    if (refused === (this.#refusedListeners.get(fleet) ?? '')) return
    if (refused === '') this.#refusedListeners.delete(fleet)
    else this.#refusedListeners.set(fleet, refused)
    this.#due.add(this.#carried.all(fleet))
  }

  #lookForDeserted(): void {
    const nowMs = Date.now()
    for (const [fleet, { emptySinceMs }] of this.#fleets.all()) {
      if (emptySinceMs === undefined || this.#deserted.has(fleet)) continue
      if (nowMs - emptySinceMs < this.#options.config.noProxyMs) continue
      this.#deserted.add(fleet)
      this.#due.add(this.#carried.all(fleet))
    }
  }
}
