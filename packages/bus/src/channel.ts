// What a channel is: a family of records with one codec, one stream and one rule about who writes.

export type ServiceName =
  | 'watcher'
  | 'translator'
  | 'xds-server'
  | 'agentgateway-server'
  | 'pingora-syncer'
  | 'status-reporter'
  | 'infra-manager'
  | 'console'

export interface Codec<V> {
  /** Equal values give equal bytes. */
  encode(value: V): Uint8Array
  /** Throws on bytes that it cannot read: the follower then holds its last good state. */
  decode(data: Uint8Array, key: string): V
}

interface ChannelRow<V> {
  /** The second token of every subject. */
  readonly name: string
  /** Part of every subject: another major is another stream. */
  readonly major: number
  /** Minor version of the records: a reader that meets a higher one holds its last good state. */
  readonly schema: number
  readonly codec: Codec<V>
  /** Whether values of it may be sealed (`seal.ts`). */
  readonly sealed: boolean
  readonly publishers: readonly ServiceName[]
  readonly readers: readonly ServiceName[]
}

/** One writer leads, in commits; a record stays until it is removed. */
export interface CommittedChannel<V> extends ChannelRow<V> {
  readonly writers: 'one'
  readonly retention: 'last'
  /** Records with the same group travel in one commit. */
  group(key: string): string
}

/** Any number of writers, each with its own keys; no commits. */
export interface SharedChannel<V> extends ChannelRow<V> {
  readonly writers: 'many'
  /** `last`: kept until removed. Else a record is gone when it was not written again for `expiryMs`. */
  readonly retention: 'last' | { readonly refreshMs: number; readonly expiryMs: number }
  /** The one service that creates the stream; without it every publisher does. Why it matters: `permissions.ts`. */
  readonly keeper?: ServiceName
  /** The first token of each key is the service that writes it, and no other service may. */
  readonly keyedByService?: true
}

export type Channel<V> = CommittedChannel<V> | SharedChannel<V>
