// A stream of last values in memory, with the rules of JetStream that the bus leans on.
import { Fault } from '@penstock/fault'
import type { OutMessage, StreamMessage, TailSink } from './stream-door.ts'
import { resumeFrom, type StreamInfo } from './stream-position.ts'

interface Stored {
  readonly message: StreamMessage
  readonly ttlMs: number | undefined
  readonly expiry: NodeJS.Timeout | undefined
}

/** What a copy begins with. */
interface Origin {
  readonly lastSequence: number
  readonly stored: Iterable<Stored>
}

/** One reader's place in a stream. */
export interface MemoryCursor {
  close(): void
}

export interface MemoryStream {
  readonly info: StreamInfo
  append(messages: readonly OutMessage[], expected: number | undefined): number | undefined
  /** Goes on at `position` if that is possible, else from the start. */
  read(position: StreamInfo | undefined, sink: TailSink): MemoryCursor
  /** The same stream as it is now, without readers. What expires begins its life again. */
  copy(): MemoryStream
  close(): void
}

export function createMemoryStream(createdMs: number, from?: Origin): MemoryStream {
  const bySubject = new Map<string, Stored>()
  const cursors = new Set<(message: StreamMessage) => void>()
  let lastSequence = from?.lastSequence ?? 0

  const keep = (message: StreamMessage, ttlMs: number | undefined): void => {
    const { subject } = message
    clearTimeout(bySubject.get(subject)?.expiry)
    // Deleted first, so that the map is in order of sequence.
    bySubject.delete(subject)
    // Of a copy that nobody closes, it must not keep the process alive.
    const expiry = ttlMs === undefined ? undefined : setTimeout(() => bySubject.delete(subject), ttlMs).unref()
    bySubject.set(subject, { message, ttlMs, expiry })
  }
  const store = ({ subject, data, headers = {}, ttlMs }: OutMessage): StreamMessage => {
    lastSequence += 1
    const message: StreamMessage = { subject, data, headers, sequence: lastSequence, pending: 0 }
    keep(message, ttlMs)
    return message
  }
  for (const { message, ttlMs } of from?.stored ?? []) keep(message, ttlMs)

  return {
    get info() {
      return { createdMs, lastSequence }
    },
    append(messages, expected) {
      if (expected !== undefined && expected !== lastSequence) return undefined
      if (messages.length > maxBatch) throw new Fault('bus_refused', `a batch of ${messages.length} messages`)
      for (const stored of messages.map(store)) for (const deliver of cursors) deliver(stored)
      return lastSequence
    },
    read(position, sink) {
      const from = resumeFrom(position, { createdMs, lastSequence })
      const held = [...bySubject.values()].map(({ message }) => message).filter((m) => m.sequence >= (from ?? 0))
      return createCursor(sink, { createdMs, fresh: from === undefined }, held, cursors)
    },
    copy: () => createMemoryStream(createdMs, { lastSequence, stored: bySubject.values() }),
    close() {
      for (const { expiry } of bySubject.values()) clearTimeout(expiry)
      cursors.clear()
    },
  }
}

const maxBatch = 1_000

/** Delivers in a later microtask, as a network would. */
function createCursor(
  sink: TailSink,
  start: { createdMs: number; fresh: boolean },
  queue: StreamMessage[],
  cursors: Set<(message: StreamMessage) => void>,
): MemoryCursor {
  let started = false
  let scheduled = true
  const flush = (): void => {
    scheduled = false
    if (!cursors.has(deliver)) return
    if (!started) {
      started = true
      sink.start(start)
      if (queue.length === 0) sink.drained()
    }
    const messages = queue
    queue = []
    for (const [index, message] of messages.entries()) {
      const pending = messages.length - 1 - index + queue.length
      if (cursors.has(deliver)) sink.message({ ...message, pending })
      if (cursors.has(deliver) && pending === 0) sink.drained()
    }
  }
  const deliver = (message: StreamMessage): void => {
    queue.push(message)
    if (scheduled) return
    scheduled = true
    queueMicrotask(flush)
  }
  cursors.add(deliver)
  queueMicrotask(flush)
  return { close: () => cursors.delete(deliver) }
}
