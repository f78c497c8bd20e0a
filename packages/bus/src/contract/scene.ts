// The small world of a contract test: one channel, a writer's state that can be edited, a reader's view.
import type { Bus } from '../bus.ts'
import type { CommittedChannel } from '../channel.ts'
import type { PublishedRecord, PublishedState } from '../difference.ts'
import type { CommittedChange, Follower, HeldBack } from '../follower.ts'
import type { CommittedRound, Publisher } from '../publisher.ts'
import type { StreamDoor } from '../stream-door.ts'
import { createSubjectSpace, type SubjectSpace } from '../subject-space.ts'
import type { Rig } from './rig.ts'

export interface Value {
  readonly text: string
}

/** A record `a/b` belongs to the object `a`. */
export const notes: CommittedChannel<Value> = {
  name: 'notes',
  major: 1,
  schema: 1,
  codec: {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (data) => JSON.parse(Buffer.from(data).toString()) as Value,
  },
  writers: 'one',
  retention: 'last',
  group: (key) => key.slice(0, key.indexOf('/')),
  sealed: false,
  publishers: [],
  readers: ['xds-server'],
}

export interface Source {
  readonly records: Map<string, PublishedRecord<Value>>
  readonly held: Set<string>
  inputs: PublishedState<Value>['inputs']
  /** False: not all inputs have answered. */
  known: boolean
  set(key: string, text: string, headers?: Record<string, string>): void
  state(): PublishedState<Value> | undefined
}

export function createSource(texts: Readonly<Record<string, string>> = {}): Source {
  const records = new Map<string, PublishedRecord<Value>>()
  const held = new Set<string>()
  const source: Source = {
    records,
    held,
    inputs: [],
    known: true,
    set: (key, text, headers) => void records.set(key, { value: { text }, ...(headers && { headers }) }),
    state: () =>
      source.known
        ? { get: (key) => records.get(key), keys: () => records.keys(), held, inputs: source.inputs }
        : undefined,
  }
  for (const [key, text] of Object.entries(texts)) source.set(key, text)
  return source
}

export const textsOf = (source: Source): Record<string, string> =>
  Object.fromEntries([...source.records].map(([key, { value }]) => [key, value.text]))

export interface Write {
  readonly publisher: Publisher
  readonly rounds: CommittedRound[]
  readonly terms: ('lead' | 'follow')[]
}

export function write(bus: Bus, source: Source, channel = notes): Write {
  const rounds: CommittedRound[] = []
  const terms: ('lead' | 'follow')[] = []
  const publisher = bus.publish(channel, {
    state: () => source.state(),
    onCommit: (round) => rounds.push(round),
    onLead: () => terms.push('lead'),
    onFollow: () => terms.push('follow'),
  })
  publisher.refresh()
  return { publisher, rounds, terms }
}

export interface View {
  readonly follower: Follower
  /** What the reader was told, applied. */
  readonly texts: Record<string, string>
  readonly commits: CommittedChange<Value>[]
  readonly held: (HeldBack | undefined)[]
}

export function view(bus: Bus, channel = notes): View {
  const texts: Record<string, string> = {}
  const commits: CommittedChange<Value>[] = []
  const held: (HeldBack | undefined)[] = []
  const follower = bus.follow(channel, {
    onCommit(change) {
      commits.push(change)
      for (const { key, value } of change.changes) {
        if (value === undefined) delete texts[key]
        else texts[key] = value.text
      }
    },
    onHeld: (reason) => held.push(reason),
  })
  return { follower, texts, commits, held }
}

/** Publishes these records, whatever the channel. */
export function publish<V>(
  bus: Bus,
  channel: CommittedChannel<V>,
  records: Readonly<Record<string, PublishedRecord<V>>>,
  onCommit: (round: CommittedRound) => void = () => {},
): Publisher {
  const state = {
    get: (key: string) => records[key],
    keys: () => Object.keys(records),
    held: new Set<string>(),
    inputs: [],
  }
  const publisher = bus.publish(channel, { state: () => state, onCommit })
  publisher.refresh()
  return publisher
}

/** What a follower of the channel was told, applied. */
export function follow<V>(bus: Bus, channel: CommittedChannel<V>): ReadonlyMap<string, V> {
  const told = new Map<string, V>()
  bus.follow(channel, {
    onCommit({ changes }) {
      for (const { key, value } of changes) {
        if (value === undefined) told.delete(key)
        else told.set(key, value)
      }
    },
  })
  return told
}

/** A channel's stream, for one who keeps no rules. */
export async function rawStream(
  rig: Rig,
  channel: { readonly name: string; readonly major: number } = notes,
): Promise<{ door: StreamDoor; subjects: SubjectSpace }> {
  const subjects = createSubjectSpace({ install: rig.install, source: 'local' }, channel)
  const transport = await rig.transport()
  return { subjects, door: transport.stream({ name: subjects.stream, subjects: subjects.all }) }
}

/** What has a message in the stream, a tombstone included. */
export function storedSubjects(door: StreamDoor): Promise<ReadonlySet<string>> {
  const subjects = new Set<string>()
  return new Promise((resolve) => {
    const tail = door.tail({
      start() {},
      message: ({ subject }) => void subjects.add(subject),
      drained: () => void tail[Symbol.asyncDispose]().then(() => resolve(subjects)),
    })
  })
}
