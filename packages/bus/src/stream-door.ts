// A stream of last values, seen from above: written with a fence, read by delivery in order.
import type { StreamInfo } from './stream-position.ts'

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

export interface StreamDefinition {
  readonly name: string
  readonly subjects: string
}

/** Told, in order, what a stream holds and then what comes. Must not throw but for a bug. */
export interface TailSink {
  /** `fresh`: everything that the stream holds follows, from the start. Else delivery goes on with the last message. */
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
