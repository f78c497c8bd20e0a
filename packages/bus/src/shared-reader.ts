// The state machine of a listener on a channel with many writers: no commits, so each record counts by itself; synced
// once everything that the stream held is read. What a full read does not meet, or nobody refreshes, is gone.
import type { SharedChannel } from './channel.ts'
import { createContents, digestTerm } from './digest.ts'
import type { BusEvents } from './events.ts'
import type { ListenOptions } from './follower.ts'
import type { Inspected, Inspection } from './inspection.ts'
import { isTombstone } from './message-headers.ts'
import type { StreamMessage, TailSink } from './stream-door.ts'
import type { SubjectSpace } from './subject-space.ts'

export interface SharedReaderContext<V> {
  channel: SharedChannel<V>
  subjects: SubjectSpace
  events: BusEvents
  options: ListenOptions<V>
  onSynced(): void
  /** Asks for a full read. */
  restart(reason: string): void
}

export class SharedReader<V> implements TailSink, Inspected {
  readonly #context: SharedReaderContext<V>
  readonly #contents = createContents()
  readonly #expiries = new Map<string, NodeJS.Timeout>()
  /** During a full read: the subjects known before that it has not met yet. */
  #unseen: Set<string> | undefined

  constructor(context: SharedReaderContext<V>) {
    this.#context = context
  }

  start(start: { fresh: boolean }): void {
    // No commit tells of a removal whose mark went away while delivery was interrupted.
    if (!start.fresh) return this.#context.restart('interrupted')
    this.#unseen = new Set(this.#contents.subjects())
  }

  message(message: StreamMessage): void {
    const { subject, data } = message
    this.#unseen?.delete(subject)
    if (isTombstone(message)) this.#forget(subject)
    else this.#learn(subject, data)
  }

  drained(): void {
    const unseen = this.#unseen
    if (unseen === undefined) return
    this.#unseen = undefined
    for (const subject of unseen) this.#forget(subject)
    this.#context.onSynced()
  }

  #learn(subject: string, data: Uint8Array): void {
    const { subjects, channel, events, options } = this.#context
    const key = subjects.keyOf(subject)
    if (key === undefined) return events.foreignSubject(channel.name, subject)
    this.#expireLater(subject)
    const term = digestTerm(subject, data)
    if (this.#contents.term(subject) === term) return
    let value: V
    try {
      value = channel.codec.decode(data, key)
    } catch (thrown) {
      // The last good value of this key stays in force.
      return events.heldBack(channel.name, 'unreadable', { key, message: (thrown as Error).message })
    }
    this.#contents.set(subject, term)
    options.onChange([{ key, value }])
  }

  #forget(subject: string): void {
    clearTimeout(this.#expiries.get(subject))
    this.#expiries.delete(subject)
    if (this.#contents.term(subject) === undefined) return
    this.#contents.delete(subject)
    const key = this.#context.subjects.keyOf(subject)
    if (key !== undefined) this.#context.options.onChange([{ key, value: undefined }])
  }

  /**
   * The server says nothing when a message expires, so the same time runs here. In two steps: a process that stood still
   * finds its timers due before it reads what came meanwhile.
   */
  #expireLater(subject: string): void {
    const { retention } = this.#context.channel
    if (retention === 'last') return
    const { refreshMs, expiryMs } = retention
    const after = (ms: number, then: () => void): void => void this.#expiries.set(subject, setTimeout(then, ms))
    clearTimeout(this.#expiries.get(subject))
    after(expiryMs - refreshMs, () => after(refreshMs, () => this.#forget(subject)))
  }

  inspect(): Inspection {
    return { records: this.#contents.size, readingAll: this.#unseen !== undefined }
  }

  inspectKey(key: string): Inspection {
    return { inStream: this.#contents.term(this.#context.subjects.of(key)) !== undefined }
  }

  close(): void {
    for (const timer of this.#expiries.values()) clearTimeout(timer)
  }
}
