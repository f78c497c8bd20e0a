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
  /** Told first when it is known who reads; undefined: this process may lead. */
  onChange(waitsFor: string | undefined): void
  /** Now this process may lead. */
  onOpen(): void
}

type Written = Pick<CommittedChannel<never>, 'name' | 'major' | 'schema'>

interface Wait {
  readonly sinceMs: number
  /** When there were fewer of them than ever: then somebody is at work. */
  progressMs: number
  fewest: number
  /** Undefined while there are any. */
  goneMs: number | undefined
  overdue: boolean
}

/** How long readers that cannot be asked for are waited for: after it those who died are not said to live any more. */
const unknownMs = 15_000

export class ReaderGate implements Disposable {
  readonly #options: ReaderGateOptions
  readonly #readers = new Map<string, Presence>()
  readonly #writes = new Map<string, Written>()
  #known = false
  #askedMs: number | undefined
  #wait: Wait | undefined
  #wasOpen = false
  #look: NodeJS.Timeout | undefined
  #told: string | undefined | null = null

  constructor(options: ReaderGateOptions) {
    this.#options = options
  }

  writes(channel: Written): void {
    this.#writes.set(channel.name, channel)
    this.#judge()
  }

  hear(changes: readonly { readonly key: string; readonly value: Presence | undefined }[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.#readers.delete(key)
      else this.#readers.set(key, value)
    }
    this.#judge()
  }

  /** All that is said of readers was heard. */
  know(): void {
    this.#known = true
    this.#judge()
  }

  /** Whether this process may stand for election. */
  async open(): Promise<boolean> {
    if (!this.#known) await this.#learn()
    this.#judge()
    return this.#isOpen
  }

  get #isOpen(): boolean {
    return this.#known && (this.#wait === undefined || this.#wait.overdue)
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
    const lines: string[] = []
    for (const { service, instance, reads } of this.#readers.values()) {
      for (const { channel, major, schema } of reads) {
        const written = this.#writes.get(channel)
        if (written === undefined || written.major !== major || written.schema <= schema) continue
        lines.push(`${service}.${instance} (reads ${channel} ${major}.${schema}, not ${major}.${written.schema})`)
      }
    }
    return lines.sort()
  }

  #judge(): void {
    const { clock, events, isLeading, onOpen } = this.#options
    const behind = isLeading() ? [] : this.#behind()
    const nowMs = clock.monotonicMs()
    if (behind.length > 0) this.#waitFor(behind, nowMs)
    else if (this.#wait !== undefined && this.#hasSettled(this.#wait, nowMs)) {
      this.#wait = undefined
      clearInterval(this.#look)
      events.readersAbreast()
    }
    this.#tell(behind)
    const opened = this.#isOpen && !this.#wasOpen
    this.#wasOpen = this.#isOpen
    if (opened) onOpen()
  }

  #waitFor(behind: readonly string[], nowMs: number): void {
    const { settings, events } = this.#options
    if (this.#wait === undefined) {
      this.#look = setInterval(() => this.#judge(), settings.leaseRetryMs)
      this.#wait = { sinceMs: nowMs, progressMs: nowMs, fewest: behind.length, goneMs: undefined, overdue: false }
    }
    const wait = this.#wait
    wait.goneMs = undefined
    if (behind.length < wait.fewest) {
      wait.fewest = behind.length
      wait.progressMs = nowMs
    }
    if (wait.overdue || nowMs - wait.progressMs < settings.readersWaitMs) return
    wait.overdue = true
    events.readersLeftBehind(behind, settings.readersWaitMs)
  }

  /** A store that was wiped holds nothing of readers that live: they say it again, not all at once. */
  #hasSettled(wait: Wait, nowMs: number): boolean {
    wait.goneMs ??= nowMs
    return this.#options.isLeading() || nowMs - wait.goneMs >= this.#options.settings.readersSettleMs
  }

  #tell(behind: readonly string[]): void {
    if (!this.#known) return
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
    clearInterval(this.#look)
  }
}
