// What a stream of commits holds right now, as its writer must know it before it may change it.
import { Fault } from '@penstock/fault'
import { Commit } from '@penstock/ir'
import { type Contents, createContents, digestTerm } from './digest.ts'
import type { Term } from './leadership.ts'
import { headerNames, isTombstone } from './message-headers.ts'
import type { BusSettings } from './settings.ts'
import type { StreamDoor, StreamMessage } from './stream-door.ts'
import type { StreamInfo } from './stream-position.ts'
import type { SubjectSpace } from './subject-space.ts'

export interface Snapshot {
  readonly createdMs: number
  /** The last sequence that this writer knows of: its next commit is refused if there is another. */
  lastSequence: number
  readonly contents: Contents
  /** The newest commit record, if there is any. */
  commit: Commit | undefined
  /** The id of the term in which the stream was fenced last, if it was. */
  fencedBy: string | undefined
}

/** The commit record that this message carries: on the subject of its own, or as header of a lone record. */
export function commitOf(message: StreamMessage, subjects: SubjectSpace): Commit | undefined {
  const inline = message.headers[headerNames.commit]
  if (message.subject !== subjects.commit && inline === undefined) return undefined
  try {
    return Commit.decode(inline === undefined ? message.data : Buffer.from(inline, 'base64'))
  } catch {
    // As if there were none: the writer's next comparison writes another.
    return undefined
  }
}

/** A fence: the term of a leader. Its number is for people. */
export const fenceOf = ({ number, id }: Pick<Term, 'number' | 'id'>): Uint8Array =>
  Buffer.from(JSON.stringify({ term: number, id }))

/** Empty, which no term is, if it cannot be read: somebody's, but not ours. */
function termOf(fence: Uint8Array): string {
  try {
    return (JSON.parse(Buffer.from(fence).toString()) as { id?: string }).id ?? ''
  } catch {
    return ''
  }
}

export interface SnapshotContext {
  readonly door: StreamDoor
  readonly subjects: SubjectSpace
  readonly settings: BusSettings
  /** Told of every record, and of its removal, while the stream is read. */
  readonly onRecord?: (subject: string, data: Uint8Array | undefined) => void
  /**
   * Writes what means nothing behind this sequence, and answers its own. Called when delivery ends before the stream
   * does: the last message is gone, or a replica that lags delivers; what is written now surely comes, after all else.
   */
  mark(lastSequence: number): Promise<number>
}

/** Reads the whole stream; `signal` gives up. */
export async function readSnapshot(context: SnapshotContext, signal: AbortSignal): Promise<Snapshot> {
  const { door, subjects, onRecord } = context
  // Asked before reading starts: whatever is written later, and not read, has a higher sequence, so the next commit is
  // refused and the stream read again.
  const info = await door.info()
  if (info === undefined) throw new Fault('bus_refused', `stream ${subjects.stream} is gone`)
  const contents = createContents()
  const snapshot: Snapshot = { ...info, contents, commit: undefined, fencedBy: undefined }
  const take = (message: StreamMessage): void => {
    snapshot.lastSequence = Math.max(snapshot.lastSequence, message.sequence)
    snapshot.commit = commitOf(message, subjects) ?? snapshot.commit
    if (message.subject === subjects.fence) snapshot.fencedBy = termOf(message.data)
    if (message.subject === subjects.commit || message.subject === subjects.fence) return
    const removed = isTombstone(message)
    onRecord?.(message.subject, removed ? undefined : message.data)
    if (removed) contents.delete(message.subject)
    else contents.set(message.subject, digestTerm(message.subject, message.data))
  }
  await readAll(context, { ...info, take }, signal)
  return snapshot
}

async function readAll(
  { door, settings, mark }: SnapshotContext,
  { createdMs, lastSequence, take }: StreamInfo & { take(message: StreamMessage): void },
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const giveUp = (reason: string): void => reject(new Fault('bus_unreachable', reason))
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop)
  const timer = setTimeout(() => giveUp('the stream could not be read in time'), settings.readTimeoutMs)
  let started = false
  let read = 0
  let end = lastSequence
  let marked = false
  await using _tail = door.tail({
    start(start) {
      // A second start would mix two reads.
      if (started || start.createdMs !== createdMs) giveUp('the stream changed while it was read')
      started = true
    },
    message(message) {
      read = message.sequence
      take(message)
    },
    drained() {
      if (read >= end) resolve()
      else if (!marked) mark(lastSequence).then((sequence) => void (end = sequence), reject)
      marked = true
    },
  })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
