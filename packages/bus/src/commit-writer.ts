// The one writer of a channel (design section 3, ADR 0002): compares what should be there with what is there and writes
// the difference in commits, while it leads. After each connect, on becoming leader and on a slow timer it reads the
// stream afresh; in between, the fence proves that its picture is right.
import { Fault, retry } from '@penstock/fault'
import { type Announced, createAnnouncements } from './announcements.ts'
import { batches } from './batch.ts'
import { type CommitLog, type CommitLogContext, createCommitLog, type Round } from './commit-log.ts'
import { type Difference, difference, type PublishedState } from './difference.ts'
import type { Inspected, Inspection } from './inspection.ts'
import { moment } from './journal.ts'
import type { Candidate, Term } from './leadership.ts'
import type { Publisher, PublisherOptions } from './publisher.ts'
import type { Snapshot } from './snapshot.ts'
import type { Transport } from './transport.ts'

export interface CommitWriterContext<V> extends CommitLogContext<V> {
  transport: Transport
}

export class CommitWriter<V> implements Publisher, Candidate, Inspected {
  readonly #context: CommitWriterContext<V>
  readonly #options: PublisherOptions<V>
  readonly #announced = createAnnouncements()
  readonly #refused = new Set<string>()
  #term: Term | undefined
  readonly #log: CommitLog<V>
  /** The log must be read again before the next commit. */
  #stale = true
  /** A commit is due even if nothing differs. */
  #mustCommit = false
  /** The commit that last wrote a key in this term; a key that is not listed stands as it was found. */
  readonly #writtenBy = new Map<string, number>()
  /** Why the last round ended without a commit. */
  #waitsFor: string | undefined
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
    this.#log = createCommitLog(context)
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
    const { snapshot } = this.#log
    if (this.#term === undefined || snapshot === undefined) return undefined
    return { createdMs: snapshot.createdMs, lastCommit: snapshot.commit?.id ?? 0 }
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
    const isCurrent = this.#term !== undefined && !this.#stale
    return this.#announced.settled(isCurrent ? this.#log.snapshot?.commit?.id : undefined)
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
    this.#log.forget()
    this.#writtenBy.clear()
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
    if (this.#closed || this.#term !== term) return this.#blocked('a term')
    if (!transport.connected || !leadership.held) return this.#blocked('the connection, or the lease to be renewed')
    if (this.#stale || this.#log.snapshot === undefined) await this.#read()
    if (!this.#log.isFencedBy(term)) await this.#fence(term)
    if (!leadership.allFenced) return this.#blocked('the fence on another channel of this service')
    const state = this.#options.state()
    if (state === undefined) return this.#blocked('all inputs of this service to be read')
    if (!this.#log.hasCaughtUp(state.inputs)) return this.#blocked('inputs as far as the last leader had read them')
    this.#waitsFor = undefined
    const taken = this.#announced.take()
    try {
      await this.#write(state, taken)
    } catch (thrown) {
      this.#announced.restore(taken)
      throw thrown
    }
    return 'done'
  }

  #blocked(waitsFor: string): 'blocked' {
    this.#waitsFor = waitsFor
    return 'blocked'
  }

  inspect(): Inspection {
    const { snapshot } = this.#log
    if (this.#term === undefined) return { leading: false }
    return {
      leading: this.leading,
      term: this.#term.number,
      streamCreated: moment(snapshot?.createdMs ?? 0),
      lastCommit: snapshot?.commit?.id,
      lastSequence: snapshot?.lastSequence,
      records: snapshot?.contents.size,
      pending: this.#announced.pending,
      waitsFor: this.#waitsFor,
      held: snapshot?.commit?.held,
      inputs: snapshot?.commit?.inputs,
    }
  }

  inspectKey(key: string): Inspection {
    const term = this.#log.snapshot?.contents.term(this.#context.subjects.of(key))
    return { leading: this.leading, inStream: term !== undefined, writtenBy: this.#writtenBy.get(key) }
  }

  async #read(): Promise<void> {
    this.#stale = false
    const { onRead } = this.#options
    await this.#log.read(this.#signal, onRead && ((records) => onRead(records)))
    this.#announced.add('all', 0)
  }

  async #fence(term: Term): Promise<void> {
    await this.#log.fence(term)
    this.#mustCommit = true
    this.#context.leadership.hasFenced(this)
  }

  async #write(state: PublishedState<V>, taken: Announced): Promise<void> {
    const { snapshot } = this.#log
    if (snapshot === undefined) return
    const { settings } = this.#context
    const found = difference(this.#context, state, snapshot.contents, taken.keys)
    this.#noteRefused(taken, found)
    const oldestChangeMs = oldestOf(taken, snapshot)
    const schema = this.#log.schemaWith({ has: (key) => state.held.has(key) || this.#refused.has(key) })
    const round: Round = { schema, inputs: [...state.inputs], held: this.#held(state), oldestChangeMs }
    if (found.edits.length > 0 || this.#mustCommit || !this.#log.recordHolds(round)) {
      const parts = batches(found.edits, settings, 1_024 + round.held.reduce((sum, key) => sum + key.length + 4, 0))
      for (const [index, part] of parts.entries()) await this.#log.commit(part, round, index === parts.length - 1)
      this.#mustCommit = false
    }
    const id = snapshot.commit?.id ?? 0
    this.#announced.cover(taken, id)
    this.#noteWritten(found, id)
    const keys = found.edits.flatMap(({ key }) => (key === undefined ? [] : [key]))
    this.#options.onCommit?.({ id, keys, oldestChangeMs })
  }

  #noteWritten({ edits }: Difference, id: number): void {
    for (const { key, data } of edits) {
      if (key === undefined) continue
      if (data === undefined) this.#writtenBy.delete(key)
      else this.#writtenBy.set(key, id)
    }
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
      this.#context.events.recordRefused(this.#context.channel.name, key, fault)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Fault('lease_lost', 'the publisher is closed'))
    for (const leave of this.#leave) leave()
    await this.#finished
    if (this.#term !== undefined) this.follow()
    this.#announced.close(new Fault('lease_lost', 'the publisher is closed'))
  }
}

/**
 * A round that compares everything may follow a long time of standing by, of which the oldest change is remembered: what
 * was seen before the last commit that stands there was in that commit.
 */
function oldestOf({ keys, oldestChangeMs }: Announced, { commit }: Snapshot): number {
  return keys === 'all' && oldestChangeMs > 0 ? Math.max(oldestChangeMs, commit?.id ?? 0) : oldestChangeMs
}

type Outcome = 'done' | 'blocked'

/** Carries what is no outage past the loop that repeats outages. */
class Bug {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    this.thrown = thrown
  }
}
