// Who leads: one lease per service and source, held by renewing a key that has a time to live. The holder stops by its
// own monotonic clock before the key can expire; whatever it still has on the wire then is refused by the fence.
import { randomUUID } from 'node:crypto'
import { Fault } from '@penstock/fault'
import type { Clock } from './clock.ts'
import type { BusEvents } from './events.ts'
import type { BusSettings } from './settings.ts'
import type { LeaseStore } from './transport.ts'

/** One unbroken time of leading. */
export interface Term {
  /** Higher than that of every earlier term, unless the leases were wiped. */
  readonly number: number
  /** Names this term and no other, ever. */
  readonly id: string
  /** Aborted when the term ends. */
  readonly signal: AbortSignal
}

/** Something that acts only while this process leads. */
export interface Candidate {
  lead(term: Term): void
  follow(): void
  /** The lease was renewed, or the last candidate has fenced its stream: what had to wait may be possible now. */
  proceed(): void
}

export interface LeadershipOptions {
  store: LeaseStore
  key: string
  /** Names this process; no other has the same. */
  holder: string
  settings: BusSettings
  clock: Clock
  events: BusEvents
  /** Whether the store can be asked at all. */
  connected(): boolean
  /** Whether this process may stand for election now. */
  mayLead(): Promise<boolean>
}

export class Leadership implements AsyncDisposable {
  readonly #options: LeadershipOptions
  readonly #candidates = new Set<Candidate>()
  readonly #unfenced = new Set<Candidate>()
  #term: (Term & { stop: AbortController }) | undefined
  #revision = 0
  #deadlineMs = 0
  #next: NodeJS.Timeout | undefined
  #deadline: NodeJS.Timeout | undefined
  #step: Promise<void> | undefined
  #lastFault = ''
  #closed = false
  #hurries = false
  /** The lease is still to be deleted. */
  #resigned = false

  constructor(options: LeadershipOptions) {
    this.#options = options
  }

  /** True while no other process can hold the lease. Costs nothing: ask before every write. */
  get held(): boolean {
    return this.#term !== undefined && this.#options.clock.monotonicMs() < this.#deadlineMs
  }

  get term(): number | undefined {
    return this.held ? this.#term?.number : undefined
  }

  /** Stands for election; the answer withdraws. The first candidate starts the attempts. */
  join(candidate: Candidate): () => void {
    this.#candidates.add(candidate)
    if (this.#term !== undefined) queueMicrotask(() => this.#welcome(candidate))
    else if (this.#step === undefined && this.#next === undefined) this.#after(0)
    return () => {
      this.#candidates.delete(candidate)
      this.#passFence(candidate)
    }
  }

  /** What kept this process from leading is gone. */
  tryNow(): void {
    if (this.#term !== undefined) return
    // An attempt that is under way may have been turned away just before.
    this.#hurries = true
    if (this.#next === undefined) return
    clearTimeout(this.#next)
    this.#after(0)
  }

  /** Leaves the lease to another process, which can take it at once. */
  resign(reason: string): void {
    if (this.#term === undefined) return
    this.#resigned = true
    this.#stepDown(reason)
    this.tryNow()
  }

  /** True once every candidate has fenced its stream: before that nobody publishes a difference. */
  get allFenced(): boolean {
    return this.#unfenced.size === 0
  }

  /** To be called first of all when leading. */
  mustFence(candidate: Candidate): void {
    this.#unfenced.add(candidate)
  }

  hasFenced(candidate: Candidate): void {
    this.#passFence(candidate)
  }

  #passFence(candidate: Candidate): void {
    if (this.#unfenced.delete(candidate) && this.allFenced) for (const other of this.#candidates) other.proceed()
  }

  /** For one that came while we lead. */
  #welcome(candidate: Candidate): void {
    if (this.#term !== undefined && this.#candidates.has(candidate)) candidate.lead(this.#term)
  }

  /** Asks the store whether the lease is still ours, and steps down if not. */
  async verify(): Promise<boolean> {
    const term = this.#term
    if (term === undefined) return false
    const entry = await this.#options.store.get(this.#options.key)
    const ours = entry?.value === this.#options.holder
    if (!ours && this.#term === term) this.#stepDown(whyNotOurs(entry))
    return ours
  }

  #after(delayMs: number): void {
    if (this.#closed) return
    this.#next = setTimeout(() => {
      this.#next = undefined
      this.#hurries = false
      this.#step = this.#renewOrAcquire().finally(() => {
        const { leaseRetryMs, leaseRenewMs } = this.#options.settings
        if (this.#term !== undefined) this.#after(leaseRenewMs)
        else this.#after(this.#hurries ? 0 : leaseRetryMs)
      })
    }, delayMs)
  }

  async #renewOrAcquire(): Promise<void> {
    const { connected, events, key } = this.#options
    // That it is lost was told.
    if (!connected()) return
    try {
      if (this.#resigned) await this.#release()
      else if (this.#term !== undefined) await this.#renew()
      else if (await this.#options.mayLead()) await this.#acquire()
      this.#lastFault = ''
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      // Unknown: a holder goes on until its deadline, the others ask again.
      const say = thrown.message === this.#lastFault ? events.faultAgain : events.fault
      this.#lastFault = thrown.message
      say(thrown, { lease: key })
    }
  }

  async #acquire(): Promise<void> {
    const { store, key, holder } = this.#options
    const sentMs = this.#options.clock.monotonicMs()
    let revision = await store.create(key, holder)
    if (revision === undefined) {
      // An earlier attempt of ours may have succeeded without our knowing.
      const entry = await store.get(key)
      if (entry?.value === holder) revision = await store.update(key, holder, entry.revision)
    }
    if (revision === undefined) return
    this.#revision = revision
    if (this.#closed) return store.delete(key, revision)
    this.#extend(sentMs)
    this.#begin(revision)
  }

  async #renew(): Promise<void> {
    const { store, key, holder } = this.#options
    const sentMs = this.#options.clock.monotonicMs()
    const revision = await store.update(key, holder, this.#revision)
    if (revision !== undefined) {
      this.#revision = revision
      this.#extend(sentMs)
      for (const candidate of this.#candidates) candidate.proceed()
      return
    }
    // Either another process holds it, or an earlier renewal was stored and its answer lost.
    const entry = await store.get(key)
    if (entry?.value === holder) this.#revision = entry.revision
    else if (this.#term !== undefined) this.#stepDown(whyNotOurs(entry))
  }

  async #release(): Promise<void> {
    const { store, key } = this.#options
    // If it fails, it expires.
    this.#resigned = false
    await store.delete(key, this.#revision)
  }

  #extend(sentMs: number): void {
    const { clock, settings } = this.#options
    this.#deadlineMs = sentMs + settings.leaseDeadlineMs
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(
      () => {
        if (this.#term !== undefined) this.#stepDown('the lease could not be renewed in time')
      },
      Math.max(0, this.#deadlineMs - clock.monotonicMs()),
    )
  }

  #begin(number: number): void {
    const stop = new AbortController()
    const term = { number, id: randomUUID(), signal: stop.signal, stop }
    this.#term = term
    this.#options.events.leading(number)
    for (const candidate of this.#candidates) candidate.lead(term)
  }

  #stepDown(reason: string): void {
    const term = this.#term
    if (term === undefined) return
    this.#term = undefined
    clearTimeout(this.#deadline)
    this.#unfenced.clear()
    this.#options.events.following(term.number, reason)
    term.stop.abort(new Fault('lease_lost', reason))
    for (const candidate of this.#candidates) candidate.follow()
  }

  /** Gives the lease up, so that another process can lead at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#next)
    await this.#step
    const isOurs = this.#term !== undefined || this.#resigned
    this.#stepDown('closed')
    if (!isOurs) return
    const { key, events } = this.#options
    await this.#release().catch((thrown: unknown) => events.fault(Fault.from(thrown), { lease: key }))
  }
}

/** A store that was wiped has lost the lease, and nobody else took it. */
const whyNotOurs = (entry: object | undefined): string =>
  entry === undefined ? 'the lease is gone' : 'another process holds the lease'
