// A stream of commits as its leader knows and changes it: read whole once, then every write is fenced by the last
// sequence that this process knows of, which proves that its picture is still right.
import { Fault } from '@penstock/fault'
import type { CommitInput } from '@penstock/ir'
import type { Clock } from './clock.ts'
import { commitMessages } from './commit-messages.ts'
import type { DifferenceContext, Edit, PublishedState } from './difference.ts'
import type { Contents } from './digest.ts'
import type { BusEvents } from './events.ts'
import type { Leadership, Term } from './leadership.ts'
import { fenceOf, readSnapshot, type Snapshot } from './snapshot.ts'
import type { OutMessage, StreamDoor } from './stream-door.ts'

export interface CommitLogContext<V> extends DifferenceContext<V> {
  door: StreamDoor
  leadership: Leadership
  clock: Clock
  events: BusEvents
}

/** What is the same in each commit of a round. */
export interface Round {
  /** The newest of its records: of this build, unless it leaves some as a newer one wrote them. */
  readonly schema: number
  readonly inputs: CommitInput[]
  readonly held: string[]
  readonly oldestChangeMs: number
}

export interface CommitLog<V> {
  /** Undefined until read. */
  readonly snapshot: Snapshot | undefined
  forget(): void
  /** Brings the stream to its definition and reads it; `onRead` is told what it holds. */
  read(signal: AbortSignal, onRead?: (records: ReadonlyMap<string, V>) => void): Promise<void>
  /** From here on whatever an earlier leader still sends is refused: it does not know of this message. */
  fence(term: Term): Promise<void>
  /** Whether no other leader fenced the stream since, nor was it created anew, as far as it is read. */
  isFencedBy(term: Term): boolean
  commit(edits: readonly Edit[], round: Round, whole: boolean): Promise<void>
  /** The schema of a stream in which these keys stay as they are found. */
  schemaWith(held: Pick<ReadonlySet<string>, 'has'>): number
  /** Whether the newest commit record says what is so. */
  recordHolds(round: Round): boolean
  /** A new leader must not undo what its predecessor wrote from inputs that this process has not read yet. */
  hasCaughtUp(inputs: PublishedState<V>['inputs']): boolean
}

export function createCommitLog<V>(context: CommitLogContext<V>): CommitLog<V> {
  const { door, subjects, channel, clock, events, leadership } = context
  let snapshot: Snapshot | undefined
  let lastId = 0

  const known = (): Snapshot => {
    if (snapshot === undefined) throw new Fault('lease_lost', 'no longer leading')
    return snapshot
  }

  const append = async (messages: readonly OutMessage[]): Promise<void> => {
    const at = known()
    at.lastSequence = await appendBehind(context, at.lastSequence, messages)
  }

  return {
    get snapshot() {
      return snapshot
    },
    forget() {
      snapshot = undefined
    },
    async read(signal, onRead) {
      const startedMs = clock.monotonicMs()
      await door.ensure()
      const records = new Map<string, V>()
      snapshot = await readMarked(context, signal, onRead && records)
      onRead?.(isNewer(snapshot, channel) ? new Map() : records)
      events.snapshotRead(channel.name, snapshot.contents.size, clock.monotonicMs() - startedMs)
    },
    async fence(term) {
      // Read since another leader fenced it: what this process believes of its lease may be old.
      if (known().fencedBy !== undefined && !(await leadership.verify())) throw new Fault('lease_lost', 'another leads')
      await append([{ subject: subjects.fence, data: fenceOf(term) }])
      known().fencedBy = term.id
    },
    isFencedBy: (term) => known().fencedBy === term.id,
    async commit(edits, round, whole) {
      const at = known()
      const { contents } = at
      take(contents, edits)
      const schema = whole ? round.schema : Math.max(round.schema, at.commit?.schema ?? 0)
      const id = Math.max(lastId + 1, (at.commit?.id ?? 0) + 1, clock.nowMs())
      const commit = { ...round, id, schema, whole, liveKeys: contents.size, digest: contents.digest() }
      const startedMs = clock.monotonicMs()
      await append(commitMessages(edits, commit, context))
      at.commit = commit
      lastId = id
      const bytes = edits.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
      events.committed(channel.name, { id, records: edits.length, bytes, ms: clock.monotonicMs() - startedMs })
    },
    schemaWith: (held) => schemaWith(known(), context, held),
    recordHolds: (round) => holds(known(), round),
    hasCaughtUp(inputs) {
      const { commit } = known()
      // What this process wrote it had read: where its inputs went back since, the store did, and they are what there is.
      return commit === undefined || commit.id === lastId || commit.inputs.every((theirs) => isAsFar(inputs, theirs))
    },
  }
}

/** Answers the new last sequence, if this was the last one; else it depends on the lease what the fault is. */
async function appendBehind<V>(
  context: CommitLogContext<V>,
  sequence: number,
  messages: readonly OutMessage[],
): Promise<number> {
  if (!context.leadership.held) throw new Fault('lease_lost', 'the lease ran out')
  return (await context.door.append(messages, sequence)) ?? refused(context)
}

/** Whatever has to be marked is marked with a fence of nobody: the term's own follows. */
function readMarked<V>(
  context: CommitLogContext<V>,
  signal: AbortSignal,
  records: Map<string, V> | undefined,
): Promise<Snapshot> {
  const onRecord = records && ((subject: string, data?: Uint8Array) => note(context, records, subject, data))
  const fence = { subject: context.subjects.fence, data: fenceOf({ number: 0, id: '' }) }
  const mark = (lastSequence: number): Promise<number> => appendBehind(context, lastSequence, [fence])
  return readSnapshot({ ...context, mark, ...(onRecord && { onRecord }) }, signal)
}

function holds({ commit, contents }: Snapshot, { held, schema }: Round): boolean {
  if (commit === undefined || !commit.whole || commit.schema !== schema || !contents.matches(commit)) return false
  return commit.held.length === held.length && commit.held.every((key, index) => key === held[index])
}

/** What a newer build wrote may mean something else than this one would read in it. */
const isNewer = ({ commit }: Pick<Snapshot, 'commit'>, { schema }: { readonly schema: number }): boolean =>
  commit !== undefined && commit.schema > schema

/** A downgrade writes everything again but for what is held: as long as that stands, only the newer build can read all. */
function schemaWith<V>(
  { commit, contents }: Snapshot,
  { channel, subjects }: CommitLogContext<V>,
  held: Pick<ReadonlySet<string>, 'has'>,
): number {
  if (commit === undefined || !isNewer({ commit }, channel)) return channel.schema
  for (const subject of contents.subjects()) {
    const key = subjects.keyOf(subject)
    if (key !== undefined && held.has(key)) return commit.schema
  }
  return channel.schema
}

function take(contents: Contents, edits: readonly Edit[]): void {
  for (const { subject, term } of edits) {
    if (term === undefined) contents.delete(subject)
    else contents.set(subject, term)
  }
}

/** A stream that was created later is another one, whose ids say nothing about those of the first. */
function isAsFar(inputs: readonly CommitInput[], theirs: CommitInput): boolean {
  const ours = inputs.find((input) => input.channel === theirs.channel)
  if (ours === undefined) return true
  const sameStream = ours.streamCreatedMs === theirs.streamCreatedMs
  return sameStream ? ours.id >= theirs.id : ours.streamCreatedMs > theirs.streamCreatedMs
}

async function refused<V>({ events, channel, leadership }: CommitLogContext<V>): Promise<never> {
  events.refused(channel.name)
  const ours = await leadership.verify()
  throw ours
    ? new Fault('bus_refused', 'something else wrote to the stream; reading it again')
    : new Fault('lease_lost', 'another process leads')
}

function note<V>(
  { subjects, channel }: CommitLogContext<V>,
  records: Map<string, V>,
  subject: string,
  data: Uint8Array | undefined,
): void {
  const key = subjects.keyOf(subject)
  if (key === undefined) return
  records.delete(key)
  try {
    if (data !== undefined) records.set(key, channel.codec.decode(data, key))
  } catch {
    // Nothing that anybody could take up; it is replaced or removed like any other record.
  }
}
