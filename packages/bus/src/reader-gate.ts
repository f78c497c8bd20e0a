// Readers before writers (design section 3, versions): a process whose records are newer than what some live reader can
// read does not stand for election. It is patient, not for ever: a reader that nobody replaces must not stop all others.
import { Fault } from '@penstock/fault'
import type { Presence } from '@penstock/ir'
import type { CommittedChannel } from './channel.ts'
import type { Clock } from './clock.ts'
import type { BusEvents } from './events.ts'
import type { Inspection } from './inspection.ts'
import { moment } from './journal.ts'
import type { BusSettings } from './settings.ts'

export interface ReaderGateOptions {
  readonly settings: BusSettings
  readonly clock: Clock
  readonly events: BusEvents
  /** Whether anybody could have said at all what he reads. */
  isStreamThere(): Promise<boolean>
  isLeading(): boolean
  isConnected(): boolean
  /** Every committed channel of this build: whoever is behind one of them is still to be replaced. */
  readonly rows: readonly Written[]
  /** Told first when it is known who reads; undefined: this process may lead. */
  onChange(waitsFor: string | undefined): void
  /** Now this process may lead. */
  onOpen(): void
}

type Written = Pick<CommittedChannel<never>, 'name' | 'major' | 'schema' | 'readers'>

interface Wait {
  readonly sinceMs: number
  /** When fewer were behind this build than ever: then somebody is at work. */
  progressMs: number
  /** Of all channels, since who is waited for may wait himself. Undefined: not all were heard yet. */
  fewest: number | undefined
  /** Since when there are some again; after a loss they are heard one by one. */
  backMs: number
  /** Undefined while there are any. */
  goneMs: number | undefined
  overdue: boolean
}

/** How long readers that cannot be asked for are waited for: after it those who died are not said to live any more. */
const unknownMs = 15_000

/** What is said of a reader by itself is no longer than this: the name of a pod. */
const maxNameLength = 253

export class ReaderGate implements Disposable {
  readonly #options: ReaderGateOptions
  readonly #readers = new Map<string, Presence>()
  readonly #writes = new Map<string, Written>()
  #known = false
  /** Whether live readers have had the time to say so. */
  #listened = false
  #connectedMs: number
  #closed = false
  #askedMs: number | undefined
  #wait: Wait | undefined
  #wasOpen = false
  #look: NodeJS.Timeout | undefined
  #told: string | undefined | null = null

  constructor(options: ReaderGateOptions) {
    this.#options = options
    this.#connectedMs = options.clock.monotonicMs()
  }

  writes(channel: Written): void {
    if (this.#closed) return
    this.#writes.set(channel.name, channel)
    const { leaseRetryMs, readersSettleMs } = this.#options.settings
    this.#look ??= setInterval(() => this.#tick(), Math.min(leaseRetryMs, readersSettleMs))
    this.#judge()
  }

  hear(changes: readonly { readonly key: string; readonly value: Presence | undefined }[]): void {
    for (const { key, value } of changes) {
      // A user of NATS writes under the name of its service alone.
      if (value !== undefined && key.startsWith(`${value.service}/`)) this.#readers.set(key, value)
      else this.#readers.delete(key)
    }
    this.#judge()
  }

  /** All that is said of readers was heard. */
  know(): void {
    this.#known = true
    this.#judge()
  }

  /** What expired while nothing was heard says nothing about who lives. */
  reconnected(): void {
    this.#connectedMs = this.#options.clock.monotonicMs()
    this.#askedMs = undefined
    if (this.#wait !== undefined) this.#wait.progressMs = this.#connectedMs
  }

  /** Whether this process may stand for election. */
  async open(): Promise<boolean> {
    if (!this.#known) await this.#learn()
    this.#judge()
    return this.#isOpen
  }

  get #isOpen(): boolean {
    return this.#known && (this.#wait === undefined ? this.#listened : this.#wait.overdue)
  }

  async #learn(): Promise<void> {
    const { clock, events, isStreamThere } = this.#options
    this.#askedMs ??= clock.monotonicMs()
    let reason = 'it is not read yet'
    try {
      if (!(await isStreamThere())) this.#known = true
    } catch (thrown) {
      reason = Fault.from(thrown).message
    }
    if (this.#known || clock.monotonicMs() - this.#askedMs < unknownMs) return
    events.readersUnknown(reason)
    this.#known = true
  }

  /** One line for each reader and channel that is too old for what this process would write. */
  #behind(): string[] {
    return this.#linesBehind(this.#writes)
  }

  #linesBehind(rows: ReadonlyMap<string, Written>): string[] {
    const lines: string[] = []
    for (const { service, instance, reads } of this.#readers.values()) {
      for (const { channel, major, schema } of reads) {
        const row = rows.get(channel)
        if (row === undefined || row.major !== major || row.schema <= schema) continue
        if (!row.readers.some((each) => each === service)) continue
        const name = instance.slice(0, maxNameLength)
        lines.push(`${service}.${name} (reads ${channel} ${major}.${schema}, not ${major}.${row.schema})`)
      }
    }
    return lines.sort()
  }

  #tick(): void {
    this.#judge()
    const wait = this.#wait
    if (wait !== undefined && wait.goneMs === undefined && this.#areAllHeard(wait)) this.#measure(wait)
  }

  #areAllHeard({ backMs }: Wait): boolean {
    const { clock, settings } = this.#options
    return this.#known && this.#isQuietSince(backMs, clock.monotonicMs() - settings.readersSettleMs)
  }

  /** Whether the connection stands since then, and nothing changed. */
  #isQuietSince(changedMs: number, sinceMs: number): boolean {
    return this.#options.isConnected() && Math.max(changedMs, this.#connectedMs) <= sinceMs
  }

  #measure(wait: Wait): void {
    const { clock, settings, events, rows } = this.#options
    const nowMs = clock.monotonicMs()
    const all = new Map([...rows.map((row) => [row.name, row] as const), ...this.#writes])
    const count = this.#linesBehind(all).length
    if (wait.fewest !== undefined && count < wait.fewest) wait.progressMs = nowMs
    wait.fewest = Math.min(count, wait.fewest ?? count)
    if (wait.overdue || nowMs - wait.progressMs < settings.readersWaitMs) return
    wait.overdue = true
    events.readersLeftBehind(this.#behind(), settings.readersWaitMs)
    this.#judge()
  }

  #judge(): void {
    if (this.#closed) return
    const { clock, events, isLeading, onOpen } = this.#options
    const behind = isLeading() && !this.#wait?.overdue ? [] : this.#behind()
    const nowMs = clock.monotonicMs()
    if (behind.length > 0) this.#waitFor(nowMs)
    else if (this.#wait !== undefined && this.#hasSettled(this.#wait, nowMs)) {
      // Whoever was left behind holds what he has, and says no more that he reads: that is not abreast.
      events.readersAbreast(this.#wait.overdue)
      this.#wait = undefined
      this.#listened = true
    }
    if (this.#known && this.#wait === undefined) this.#listened ||= this.#hasListened(nowMs)
    this.#tell(behind)
    const opened = this.#isOpen && !this.#wasOpen
    this.#wasOpen = this.#isOpen
    if (opened) onOpen()
  }

  #waitFor(nowMs: number): void {
    this.#wait ??= {
      ...{ sinceMs: nowMs, progressMs: nowMs, fewest: undefined, backMs: nowMs },
      ...{ goneMs: undefined, overdue: false },
    }
    if (this.#wait.goneMs !== undefined) this.#wait.backMs = nowMs
    this.#wait.goneMs = undefined
  }

  /** A store that was wiped holds nothing of readers that live: they say it again, not all at once. */
  #hasSettled(wait: Wait, nowMs: number): boolean {
    wait.goneMs ??= nowMs
    const { isLeading, settings } = this.#options
    return isLeading() || this.#isQuietSince(wait.goneMs, nowMs - settings.readersSettleMs)
  }

  /** The same at the start; but nobody can be behind the first minor version. */
  #hasListened(nowMs: number): boolean {
    if ([...this.#writes.values()].every(({ schema }) => schema === 0) || this.#options.isLeading()) return true
    return this.#isQuietSince(this.#connectedMs, nowMs - this.#options.settings.readersSettleMs)
  }

  #tell(behind: readonly string[]): void {
    if (!this.#known || (this.#wait === undefined && !this.#listened)) return
    const { events, onChange } = this.#options
    const whom = behind.length > 0 ? behind.join(', ') : 'some that are just gone'
    const waitsFor = this.#isOpen ? undefined : `readers are replaced before their writers: waits for ${whom}`
    if (waitsFor === this.#told) return
    this.#told = waitsFor
    if (waitsFor !== undefined && behind.length > 0) events.readersBehind(behind)
    onChange(waitsFor)
  }

  inspect(): Inspection {
    const { clock, settings } = this.#options
    const wait = this.#wait
    const backMs = clock.nowMs() - clock.monotonicMs()
    return {
      known: this.#known,
      live: [...this.#readers.keys()].sort(),
      mayLead: this.#isOpen,
      waitsFor: this.#behind(),
      ...(wait && {
        since: moment(Math.round(wait.sinceMs + backMs)),
        atMostUntil: moment(Math.round(wait.progressMs + backMs + settings.readersWaitMs)),
        leftBehind: wait.overdue,
      }),
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true
    clearInterval(this.#look)
  }
}
