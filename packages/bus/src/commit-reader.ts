// The state machine of a follower (design section 3, ADR 0002). It buffers what it is told, keeps the same running digest
// as the writer, and passes a state on only at a whole commit that agrees with it. Pure but for one timer.
import type { Commit } from '@penstock/ir'
import type { CommittedChannel } from './channel.ts'
import type { Clock } from './clock.ts'
import { type Contents, createContents, digestTerm } from './digest.ts'
import type { BusEvents } from './events.ts'
import type { CommittedChange, FollowOptions, HeldBack, RecordChange } from './follower.ts'
import type { Inspected, Inspection } from './inspection.ts'
import { moment } from './journal.ts'
import type { FollowedInput } from './lead-after.ts'
import { isTombstone, recordHeaders } from './message-headers.ts'
import type { BusSettings } from './settings.ts'
import { commitOf } from './snapshot.ts'
import type { StreamDoor, StreamMessage, TailSink } from './stream-door.ts'
import type { StreamInfo } from './stream-position.ts'
import type { SubjectSpace } from './subject-space.ts'

export interface CommitReaderContext<V> {
  channel: CommittedChannel<V>
  subjects: SubjectSpace
  door: Pick<StreamDoor, 'info'>
  settings: BusSettings
  clock: Clock
  events: BusEvents
  options: FollowOptions<V>
  onSynced(): void
  /** Whether what the channel holds is being applied: a state was, and its newest commit is of a schema that is known. */
  onReading(does: boolean): void
  /** What `obstacle` and `hasApplied` answer may be something else now. */
  onProgress(): void
  onClosed(): void
  /** Asks for a full read. */
  restart(reason: string): void
}

/** A subject that was written since the last applied commit. */
interface Buffered {
  /** The newest message, a tombstone included. */
  readonly message: StreamMessage
  /** The term that the application knows. */
  readonly before: bigint | undefined
}

export class CommitReader<V> implements TailSink, Inspected, FollowedInput {
  readonly #context: CommitReaderContext<V>
  /** What was delivered. */
  #contents: Contents = createContents()
  /** During a full read: what the application knows. Else it is `contents` without `buffered`. */
  #baseline: Contents | undefined = this.#contents
  #buffered = new Map<string, Buffered>()
  #createdMs = 0
  /** Of the message that was delivered last. */
  #delivered = 0
  #applied: { id: number; createdMs: number } | undefined
  #held: HeldBack | undefined
  /** The commit that last changed a key; of one that is not listed: the first that this process applied. */
  readonly #since = new Map<string, number>()
  #firstApplied: number | undefined
  /** The newest whole commit that was delivered, applied or not, and what was still to be delivered then. */
  #newest = { id: 0, pending: 0 }
  #lastChange: Inspection = {}
  #cure: NodeJS.Timeout | undefined
  #cureMs: number
  /** A digest differed for longer than a writer takes to go on. */
  #uncured = false

  constructor(context: CommitReaderContext<V>) {
    this.#context = context
    this.#cureMs = context.settings.cureMs
  }

  get applied(): number {
    return this.#applied?.id ?? 0
  }

  get channel(): string {
    return this.#context.channel.name
  }

  info(): Promise<StreamInfo | undefined> {
    return this.#context.door.info()
  }

  /** Why what the channel holds is not applied, however far it is read. */
  get obstacle(): string | undefined {
    if (this.#held !== undefined) return this.#held.message
    if (this.#uncured) return 'its digest does not match'
    return this.#applied === undefined ? 'it is not read yet' : undefined
  }

  /** All that a stream which is so far describes: commits of which the last is missing describe nothing yet. */
  hasApplied({ createdMs, lastSequence }: StreamInfo): boolean {
    if (this.#createdMs !== createdMs || this.#delivered < lastSequence) return false
    return this.#applied?.createdMs === createdMs && this.#applied.id >= this.#newest.id
  }

  start(start: { createdMs: number; fresh: boolean }): void {
    this.#createdMs = start.createdMs
    if (!start.fresh) return
    this.#delivered = 0
    this.#baseline ??= this.#told()
    this.#contents = createContents()
    this.#buffered = new Map()
  }

  /** What the application knows, made from the contents, which are given up. */
  #told(): Contents {
    for (const [subject, { before }] of this.#buffered) {
      if (before === undefined) this.#contents.delete(subject)
      else this.#contents.set(subject, before)
    }
    return this.#contents
  }

  drained(): void {}

  message(message: StreamMessage): void {
    this.#delivered = message.sequence
    const commit = this.#read(message)
    if (commit !== undefined || message.pending === 0) this.#context.onProgress()
  }

  #read(message: StreamMessage): Commit | undefined {
    const { subjects } = this.#context
    if (message.subject === subjects.fence) return undefined
    if (message.subject !== subjects.commit) this.#take(message)
    const commit = commitOf(message, subjects)
    if (commit !== undefined) this.#judge(commit, message.pending)
    return commit
  }

  #take(message: StreamMessage): void {
    const { subject } = message
    const known = this.#buffered.get(subject)
    const before = known === undefined ? (this.#baseline ?? this.#contents).term(subject) : known.before
    if (isTombstone(message)) this.#contents.delete(subject)
    else this.#contents.set(subject, digestTerm(subject, message.data))
    this.#buffered.set(subject, { message, before })
  }

  #judge(commit: Commit, pending: number): void {
    if (!commit.whole) return
    this.#newest = { id: commit.id, pending }
    if (!this.#contents.matches(commit)) {
      if (pending === 0) this.#awaitCure()
      return
    }
    this.#cured()
    const { schema } = this.#context.channel
    if (commit.schema > schema) {
      this.#hold({ reason: 'schema', commit: commit.id, message: `schema ${commit.schema} is newer than ${schema}` })
    } else if (this.#applied?.createdMs !== this.#createdMs || commit.id >= this.#applied.id) {
      this.#apply(commit)
    }
  }

  #apply(commit: Commit): void {
    const changes = this.#readable(commit)
    if (changes === undefined) return
    const reset = this.#baseline !== undefined
    const first = this.#applied === undefined
    const again = this.#applied?.id === commit.id && this.#applied.createdMs === this.#createdMs
    const records = this.#buffered.size
    this.#applied = { id: commit.id, createdMs: this.#createdMs }
    this.#buffered.clear()
    this.#baseline = undefined
    this.#hold(undefined)
    this.#context.onReading(true)
    if (!again || changes.length > 0) this.#tell({ commit, streamCreatedMs: this.#createdMs, reset, changes }, records)
    if (first) this.#context.onSynced()
  }

  #tell(change: CommittedChange<V>, records: number): void {
    const { options, events, channel, clock } = this.#context
    const { id, oldestChangeMs } = change.commit
    const delayMs = oldestChangeMs === 0 || change.reset ? undefined : Math.max(0, clock.nowMs() - oldestChangeMs)
    this.#lastChange = { appliedAt: moment(clock.nowMs()), records, reset: change.reset, delayMs }
    if (this.#firstApplied !== undefined) this.#noteChanged(change)
    this.#firstApplied ??= id
    options.onCommit(change)
    events.applied(channel.name, { id, records, reset: change.reset, delayMs })
  }

  /** The changes since the last applied commit; undefined if any of them cannot be read: then none is applied. */
  #readable(commit: Commit): RecordChange<V>[] | undefined {
    const { subjects, events, channel } = this.#context
    const changes: RecordChange<V>[] = []
    for (const [subject, { message, before }] of this.#buffered) {
      if (this.#contents.term(subject) === before) continue
      const key = subjects.keyOf(subject)
      if (key === undefined) {
        events.foreignSubject(channel.name, subject)
        continue
      }
      try {
        const value = isTombstone(message) ? undefined : channel.codec.decode(message.data, key)
        changes.push({ key, value, headers: recordHeaders(message) })
      } catch (thrown) {
        this.#hold({ reason: 'unreadable', commit: commit.id, message: `${key}: ${(thrown as Error).message}` })
        return undefined
      }
    }
    return [...changes, ...this.#swept()]
  }

  /** What the application knows and a full read did not meet. */
  *#swept(): Iterable<RecordChange<V>> {
    for (const subject of this.#baseline?.subjects() ?? []) {
      if (this.#contents.term(subject) !== undefined || this.#buffered.has(subject)) continue
      const key = this.#context.subjects.keyOf(subject)
      if (key !== undefined) yield { key, value: undefined, headers: {} }
    }
  }

  #hold(held: HeldBack | undefined): void {
    if (held === undefined && this.#held === undefined) return
    this.#held = held
    const { events, channel, options } = this.#context
    if (held?.reason === 'schema') this.#context.onReading(false)
    if (held !== undefined) events.heldBack(channel.name, held.reason, { commit: held.commit, message: held.message })
    events.holdingBack(channel.name, held !== undefined)
    options.onHeld?.(held)
  }

  /** Each full read that does not help makes the next wait twice as long: only a writer can mend the stream then. */
  #awaitCure(): void {
    this.#cure ??= setTimeout(() => {
      this.#cure = undefined
      this.#cureMs = Math.min(this.#cureMs * 2, this.#context.settings.maxCureMs)
      this.#uncured = true
      this.#context.onProgress()
      this.#context.restart('digest')
    }, this.#cureMs)
  }

  #cured(): void {
    clearTimeout(this.#cure)
    this.#cure = undefined
    this.#cureMs = this.#context.settings.cureMs
    this.#uncured = false
  }

  #noteChanged({ commit, changes }: CommittedChange<V>): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.#since.delete(key)
      else this.#since.set(key, commit.id)
    }
  }

  inspect(): Inspection {
    return {
      synced: this.#applied !== undefined,
      applied: this.applied,
      newest: this.#newest.id,
      undelivered: this.#newest.pending,
      waitingRecords: this.#buffered.size,
      records: this.#contents.size,
      readingAll: this.#baseline !== undefined,
      streamCreated: moment(this.#createdMs),
      heldBack: this.#held,
      lastChange: this.#lastChange,
    }
  }

  inspectKey(key: string): Inspection {
    const inStream = this.#contents.term(this.#context.subjects.of(key)) !== undefined
    return { inStream, changedBy: inStream ? (this.#since.get(key) ?? this.#firstApplied) : undefined }
  }

  close(): void {
    this.#context.onReading(false)
    this.#context.onClosed()
    clearTimeout(this.#cure)
  }
}
