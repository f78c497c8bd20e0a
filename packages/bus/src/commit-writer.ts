// The one writer of a channel (design section 3, ADR 0002): compares what should be there with what is there and writes
// the difference in commits, while it leads. After each connect, on becoming leader and on a slow timer it reads the
// stream afresh; in between, the fence proves that its picture is right.
import { Fault, retry } from '@penstock/fault'
import type { CommitInput } from '@penstock/ir'
import { type Announced, createAnnouncements } from './announcements.ts'
import { batches } from './batch.ts'
import type { Clock } from './clock.ts'
import { commitMessages } from './commit-messages.ts'
import { type Difference, type DifferenceContext, difference, type Edit, type PublishedState } from './difference.ts'
import type { BusEvents } from './events.ts'
import type { Candidate, Leadership, Term } from './leadership.ts'
import type { Publisher, PublisherOptions } from './publisher.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'
import type { StreamDoor } from './stream-door.ts'
import type { Transport } from './transport.ts'

export interface CommitWriterContext<V> extends DifferenceContext<V> {
  transport: Transport
  door: StreamDoor
  leadership: Leadership
  clock: Clock
  events: BusEvents
}

/** The lists of held keys and inputs of one round, the same in each of its commits. */
interface Round {
  readonly inputs: CommitInput[]
  readonly held: string[]
  readonly oldestChangeMs: number
}

export class CommitWriter<V> implements Publisher, Candidate {
  readonly #context: CommitWriterContext<V>
  readonly #options: PublisherOptions<V>
  readonly #announced = createAnnouncements()
  readonly #refused = new Set<string>()
  #term: Term | undefined
  #fencedTerm: Term | undefined
  #snapshot: Snapshot | undefined
  /** The snapshot must be read again before the next commit. */
  #stale = true
  /** A commit is due even if nothing differs. */
  #mustCommit = false
  #lastId = 0
  #running = false
  /** Something happened while running. */
  #again = false
  #finished: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()
  /** Ends with the term, or when closed. */
  #signal = this.#closing.signal
  readonly #leave: (() => void)[]

  constructor(context: CommitWriterContext<V>, options: PublisherOptions<V>) {
    this.#context = context
    this.#options = options
    const timer = setInterval(() => this.#readAgain(), context.settings.resyncMs)
    this.#leave = [
      () => clearInterval(timer),
      context.transport.onConnected(() => this.#readAgain()),
      context.leadership.join(this),
    ]
  }

  get leading(): boolean {
    return this.#term !== undefined && this.#context.leadership.held
  }

  get stream(): { createdMs: number; lastCommit: number } | undefined {
    if (this.#term === undefined || this.#snapshot === undefined) return undefined
    return { createdMs: this.#snapshot.createdMs, lastCommit: this.#snapshot.commit?.id ?? 0 }
  }

  changed(keys: Iterable<string>, oldestChangeMs = 0): void {
    // A follower need not remember keys: a new leader looks at all of them.
    this.#announced.add(this.#term === undefined ? [] : keys, oldestChangeMs)
    this.#run()
  }

  refresh(): void {
    this.#announced.add('all', 0)
    this.#run()
  }

  settled(): Promise<number> {
    return this.#announced.settled(this.#term === undefined || this.#stale ? undefined : this.#snapshot?.commit?.id)
  }

  lead(term: Term): void {
    this.#term = term
    this.#signal = AbortSignal.any([term.signal, this.#closing.signal])
    this.#stale = true
    this.#context.leadership.mustFence(this)
    this.#options.onLead?.()
    this.#run()
  }

  follow(): void {
    this.#term = undefined
    this.#snapshot = undefined
    this.#options.onFollow?.()
  }

  proceed(): void {
    this.#run()
  }

  #readAgain(): void {
    this.#stale = true
    this.#run()
  }

  get #wanted(): boolean {
    return this.#stale || this.#mustCommit || this.#announced.pending
  }

  #run(): void {
    this.#again = true
    if (this.#running || this.#term === undefined || !this.#wanted) return
    this.#running = true
    // A microtask later, so that changes announced together share a commit.
    this.#finished = Promise.resolve().then(() => this.#rounds())
  }

  async #rounds(): Promise<void> {
    try {
      for (let term = this.#term; term !== undefined && this.#wanted && !this.#closed; term = this.#term) {
        this.#again = false
        const outcome = await this.#roundUntilDone(term)
        if (outcome instanceof Bug) throw outcome.thrown
        if (outcome === 'blocked' && !this.#again) return
      }
    } finally {
      this.#running = false
    }
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  async #roundUntilDone(term: Term): Promise<Outcome | Bug> {
    const attempt = async (): Promise<Outcome | Bug> => {
      try {
        return await this.#round(term)
      } catch (thrown) {
        this.#stale = true
        if (!(thrown instanceof Fault)) return new Bug(thrown)
        // Whatever the fault, an operator may cure it while we run.
        throw thrown.retry ? thrown : new Fault('bus_refused', thrown.message, { cause: thrown })
      }
    }
    const onFault = (fault: Fault): void => this.#context.events.fault(fault, { channel: this.#context.channel.name })
    try {
      return await retry(attempt, { signal: this.#signal, minDelayMs: 20, maxDelayMs: 2_000, onFault })
    } catch (thrown) {
      if (term.signal.aborted || this.#closed) return 'done'
      throw thrown
    }
  }

  async #round(term: Term): Promise<Outcome> {
    const { transport, leadership } = this.#context
    if (this.#closed || !transport.connected || !leadership.held || this.#term !== term) return 'blocked'
    if (this.#stale || this.#snapshot === undefined) await this.#read()
    if (this.#fencedTerm !== term) await this.#fence(term)
    if (!leadership.allFenced) return 'blocked'
    const state = this.#options.state()
    if (state === undefined || !this.#hasCaughtUp(state)) return 'blocked'
    const taken = this.#announced.take()
    try {
      await this.#write(state, taken)
    } catch (thrown) {
      this.#announced.restore(taken)
      throw thrown
    }
    return 'done'
  }

  async #read(): Promise<void> {
    const { door, clock, channel, events } = this.#context
    const startedMs = clock.monotonicMs()
    this.#stale = false
    await door.ensure()
    const records = new Map<string, V>()
    const onRecord =
      this.#options.onRead && ((subject: string, data?: Uint8Array) => this.#note(records, subject, data))
    this.#snapshot = await readSnapshot({ ...this.#context, ...(onRecord && { onRecord }) }, this.#signal)
    this.#options.onRead?.(records)
    this.#announced.add('all', 0)
    events.snapshotRead(channel.name, this.#snapshot.contents.size, clock.monotonicMs() - startedMs)
  }

  #note(records: Map<string, V>, subject: string, data: Uint8Array | undefined): void {
    const { subjects, channel } = this.#context
    const key = subjects.keyOf(subject)
    if (key === undefined) return
    records.delete(key)
    try {
      if (data !== undefined) records.set(key, channel.codec.decode(data, key))
    } catch {
      // Nothing that anybody could take up; it is replaced or removed like any other record.
    }
  }

  /** From here on whatever an earlier leader still sends is refused: it does not know of this message. */
  async #fence(term: Term): Promise<void> {
    const { subjects, leadership } = this.#context
    await this.#append([{ subject: subjects.fence, data: Buffer.from(JSON.stringify({ term: term.number })) }])
    this.#fencedTerm = term
    this.#mustCommit = true
    leadership.hasFenced(this)
  }

  /** A new leader must not undo what its predecessor wrote from inputs that this process has not read yet. */
  #hasCaughtUp(state: PublishedState<V>): boolean {
    return (this.#known.commit?.inputs ?? []).every((theirs) => {
      const ours = state.inputs.find((input) => input.channel === theirs.channel)
      if (ours === undefined) return true
      const sameStream = ours.streamCreatedMs === theirs.streamCreatedMs
      return sameStream ? ours.id >= theirs.id : ours.streamCreatedMs > theirs.streamCreatedMs
    })
  }

  get #known(): Snapshot {
    if (this.#snapshot === undefined) throw new Fault('lease_lost', 'no longer leading')
    return this.#snapshot
  }

  async #write(state: PublishedState<V>, taken: Announced): Promise<void> {
    const { settings } = this.#context
    const found = difference(this.#context, state, this.#known.contents, taken.keys)
    this.#noteRefused(taken, found)
    const round: Round = { inputs: [...state.inputs], held: this.#held(state), oldestChangeMs: taken.oldestChangeMs }
    if (found.edits.length > 0 || this.#mustCommit || !this.#recordHolds(round)) {
      const parts = batches(found.edits, settings, 1_024 + round.held.reduce((sum, key) => sum + key.length + 4, 0))
      for (const [index, part] of parts.entries()) await this.#commit(part, round, index === parts.length - 1)
      this.#mustCommit = false
    }
    const id = this.#known.commit?.id ?? this.#lastId
    this.#announced.cover(taken, id)
    const keys = found.edits.flatMap(({ key }) => (key === undefined ? [] : [key]))
    this.#options.onCommit?.({ id, keys, oldestChangeMs: taken.oldestChangeMs })
  }

  /** Whether the newest commit record in the stream says what is so. */
  #recordHolds(round: Round): boolean {
    const { commit, contents } = this.#known
    if (commit === undefined || !commit.whole || !contents.matches(commit)) return false
    return commit.held.length === round.held.length && commit.held.every((key, index) => key === round.held[index])
  }

  #held(state: PublishedState<V>): string[] {
    if (state.held.size === 0 && this.#refused.size === 0) return []
    return [...new Set([...state.held, ...this.#refused])].sort().slice(0, this.#context.settings.maxHeldListed)
  }

  #noteRefused(taken: Announced, found: Difference): void {
    if (taken.keys === 'all') this.#refused.clear()
    else for (const key of taken.keys) this.#refused.delete(key)
    for (const [key, fault] of found.refused) {
      this.#refused.add(key)
      this.#context.events.recordTooLarge(this.#context.channel.name, key, fault)
    }
  }

  async #commit(edits: readonly Edit[], round: Round, whole: boolean): Promise<void> {
    const { clock, channel, events } = this.#context
    const snapshot = this.#known
    const { contents } = snapshot
    for (const { subject, term } of edits) {
      if (term === undefined) contents.delete(subject)
      else contents.set(subject, term)
    }
    const id = Math.max(this.#lastId + 1, (snapshot.commit?.id ?? 0) + 1, clock.nowMs())
    const commit = { ...round, id, schema: channel.schema, whole, liveKeys: contents.size, digest: contents.digest() }
    const startedMs = clock.monotonicMs()
    await this.#append(commitMessages(edits, commit, this.#context))
    snapshot.commit = commit
    this.#lastId = id
    const bytes = edits.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
    events.committed(channel.name, { id, records: edits.length, bytes, ms: clock.monotonicMs() - startedMs })
  }

  async #append(messages: Parameters<StreamDoor['append']>[0]): Promise<void> {
    const { door, leadership, events, channel } = this.#context
    if (!leadership.held) throw new Fault('lease_lost', 'the lease ran out')
    const snapshot = this.#known
    const last = await door.append(messages, snapshot.lastSequence)
    if (last !== undefined) {
      snapshot.lastSequence = last
      return
    }
    events.refused(channel.name)
    const ours = await leadership.verify()
    throw ours
      ? new Fault('bus_refused', 'something else wrote to the stream; reading it again')
      : new Fault('lease_lost', 'another process leads')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Fault('lease_lost', 'the publisher is closed'))
    for (const leave of this.#leave) leave()
    await this.#finished
    if (this.#term !== undefined) this.follow()
    this.#announced.close(new Fault('lease_lost', 'the publisher is closed'))
  }
}

type Outcome = 'done' | 'blocked'

/** Carries what is no outage past the loop that repeats outages. */
class Bug {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    this.thrown = thrown
  }
}
