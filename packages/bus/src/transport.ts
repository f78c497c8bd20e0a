// What a bus stands on: streams of last values, a place for leases, and word of lost and new connections. NATS and
// memory each give one; everything above (commits, followers, leadership) is the same code on both.
import { Fault } from '@penstock/fault'
import type { BusSettings } from './settings.ts'

export interface OutMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** The server forgets the message after it. */
  readonly ttlMs?: number
}

export interface StreamMessage {
  readonly subject: string
  readonly sequence: number
  readonly data: Uint8Array
  readonly headers: Readonly<Record<string, string>>
  /** How many messages of the stream were still to be delivered after this one. */
  readonly pending: number
}

export interface StreamInfo {
  readonly createdMs: number
  readonly lastSequence: number
}

export interface StreamDefinition {
  readonly name: string
  readonly subjects: string
}

/** Told, in order, what a stream holds and then what comes. Must not throw but for a bug. */
export interface TailSink {
  /** `fresh`: everything that the stream holds follows, from the start. Else delivery goes on where it stopped. */
  start(start: { createdMs: number; fresh: boolean }): void
  message(message: StreamMessage): void
  /** All that is stored so far has been delivered. Said again after each later message with nothing behind it. */
  drained(): void
}

export interface Tail extends AsyncDisposable {
  /** Reads everything again. */
  restart(reason: string): void
}

export interface StreamDoor {
  /** Creates the stream or brings it to its definition, and checks that the server took every field. */
  ensure(): Promise<void>
  /** Undefined: there is no such stream. */
  info(): Promise<StreamInfo | undefined>
  /**
   * Stores all messages or none, if the stream's last sequence is `expected`. Answers the new last sequence, or
   * undefined if it was another. After a fault it is unknown what was stored.
   */
  append(messages: readonly OutMessage[], expected: number): Promise<number | undefined>
  /** Stores one message, whatever the stream holds. */
  put(message: OutMessage): Promise<void>
  tail(sink: TailSink): Tail
}

/** A key with a time to live, in a place where creating and updating are atomic. Answers undefined when refused. */
export interface LeaseStore {
  create(key: string, value: string): Promise<number | undefined>
  update(key: string, value: string, revision: number): Promise<number | undefined>
  get(key: string): Promise<{ value: string; revision: number } | undefined>
  delete(key: string, revision: number): Promise<void>
}

export interface Transport {
  readonly connected: boolean
  /** Called on every connect after the first; the answer ends it. */
  onConnected(listener: () => void): () => void
  /** The largest message that the server takes. */
  readonly maxMessageBytes: number
  stream(definition: StreamDefinition): StreamDoor
  leases(bucket: string): LeaseStore
  readonly closed: Promise<Error | undefined>
  close(): Promise<void>
}

/** Where delivery may go on; undefined: it must start again, since this is another stream or it lost messages. */
export function resumeFrom(position: StreamInfo | undefined, now: StreamInfo): number | undefined {
  if (position === undefined || position.createdMs !== now.createdMs) return undefined
  return position.lastSequence === 0 || now.lastSequence < position.lastSequence ? undefined : position.lastSequence + 1
}

/** The subject's record was deleted. Also true of the marks that a server leaves where a message expired. */
export function isTombstone(message: StreamMessage): boolean {
  return message.headers[headerNames.operation] === 'delete' || message.headers['Nats-Marker-Reason'] !== undefined
}

export const headerNames = { operation: 'Penstock-Op', commit: 'Penstock-Commit' } as const

/** The headers that the writer of the record gave it. */
export function recordHeaders(message: StreamMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(message.headers).filter(([name]) => !name.startsWith('Nats-') && !name.startsWith('Penstock-')),
  )
}

export const tombstone = (subject: string, settings: BusSettings): OutMessage => ({
  subject,
  data: new Uint8Array(0),
  headers: { [headerNames.operation]: 'delete' },
  ttlMs: settings.tombstoneMs,
})

export const notConnected = (): Fault => new Fault('bus_unreachable', 'not connected')
