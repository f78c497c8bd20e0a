// What a bus stands on: streams of last values, a place for leases, and word of lost and new connections. NATS and
// memory each give one; everything above (commits, followers, leadership) is the same code on both.
import { Fault } from '@penstock/fault'
import type { StreamDefinition, StreamDoor } from './stream-door.ts'

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
  /** Called once: what belongs to all replicas of a service is changed only while this answers true. */
  ledWhile(leads: () => boolean): void
  readonly closed: Promise<Error | undefined>
  close(): Promise<void>
}

export const notConnected = (): Fault => new Fault('bus_unreachable', 'not connected')
