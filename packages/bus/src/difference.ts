// What must be written so that a stream holds what it should: for some keys, or for all of them.
import { Fault } from '@penstock/fault'
import type { CommitInput } from '@penstock/ir'
import type { CommittedChannel } from './channel.ts'
import { type Contents, digestTerm } from './digest.ts'
import { type SizeLimits, sizeFault } from './record-size.ts'
import type { SubjectSpace } from './subject-space.ts'

export interface PublishedRecord<V> {
  readonly value: V
  /** A change of headers alone is not published. */
  readonly headers?: Readonly<Record<string, string>>
}

/** It may have more keys than it can list. */
export interface HeldKeys extends Iterable<string> {
  readonly size: number
  has(key: string): boolean
}

/** The whole of what a channel should hold. */
export interface PublishedState<V> {
  get(key: string): PublishedRecord<V> | undefined
  keys(): Iterable<string>
  /** Neither published nor removed. */
  readonly held: HeldKeys
  /** The commits of other channels that this state was made from. */
  readonly inputs: readonly CommitInput[]
}

/** One record to write, or, without data, to remove. `key` is undefined for a subject that no key gives. */
export interface Edit {
  readonly key: string | undefined
  readonly subject: string
  readonly group: string
  readonly data?: Uint8Array
  readonly term?: bigint
  readonly headers?: Readonly<Record<string, string>>
}

export interface Difference {
  readonly edits: readonly Edit[]
  /** Records that the bus refuses: they stay in the stream as they were. */
  readonly refused: ReadonlyMap<string, Fault>
}

export interface DifferenceContext<V> extends SizeLimits {
  readonly channel: CommittedChannel<V>
  readonly subjects: SubjectSpace
}

/** Compares `keys`, or everything in the state and in the stream, with what the stream holds. */
export function difference<V>(
  context: DifferenceContext<V>,
  state: PublishedState<V>,
  contents: Contents,
  keys: Iterable<string> | 'all',
): Difference {
  const edits: Edit[] = []
  const refused = new Map<string, Fault>()
  for (const key of keys === 'all' ? state.keys() : keys) {
    if (state.held.has(key)) continue
    const edit = editOf(context, key, state.get(key), contents)
    if (edit instanceof Fault) refused.set(key, edit)
    else if (edit !== undefined) edits.push(edit)
  }
  if (keys === 'all') edits.push(...strays(context, state, contents))
  return { edits, refused }
}

function editOf<V>(
  context: DifferenceContext<V>,
  key: string,
  record: PublishedRecord<V> | undefined,
  contents: Contents,
): Edit | Fault | undefined {
  const { channel, subjects } = context
  const subject = subjects.of(key)
  const before = contents.term(subject)
  if (record === undefined) return before === undefined ? undefined : { key, subject, group: channel.group(key) }
  const data = encoded(channel, key, record.value)
  if (data instanceof Fault) return data
  const tooLarge = sizeFault(context, { key, subject, data })
  if (tooLarge !== undefined) return tooLarge
  const term = digestTerm(subject, data)
  if (term === before) return undefined
  return { key, subject, group: channel.group(key), data, term, ...(record.headers && { headers: record.headers }) }
}

/** Who makes a record that has no bytes has a bug, which must not keep the others of its channel from being written. */
function encoded<V>({ name, codec }: CommittedChannel<V>, key: string, value: V): Uint8Array | Fault {
  try {
    return codec.encode(value)
  } catch (cause) {
    return new Fault('record_unencodable', `record ${key} of ${name} has no bytes: ${String(cause)}`, { cause })
  }
}

/** What is in the stream and should not be. */
function* strays<V>(
  { channel, subjects }: DifferenceContext<V>,
  state: PublishedState<V>,
  contents: Contents,
): Iterable<Edit> {
  for (const subject of contents.subjects()) {
    const key = subjects.keyOf(subject)
    if (key === undefined) yield { key, subject, group: subject }
    else if (!state.held.has(key) && state.get(key) === undefined) yield { key, subject, group: channel.group(key) }
  }
}
