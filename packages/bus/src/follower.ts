// The reader's side of a channel, as a service sees it.
import type { Commit } from '@penstock/ir'

export interface FollowOptions<V> {
  /** Called with whole commits only, in order. */
  onCommit(change: CommittedChange<V>): void
  /** The channel holds what this process cannot read, so the last good state stays in force; undefined: no longer. */
  onHeld?(held: HeldBack | undefined): void
}

export interface CommittedChange<V> {
  readonly commit: Commit
  readonly streamCreatedMs: number
  /** After a full read: `changes` holds the difference to what was told before, removals included. */
  readonly reset: boolean
  readonly changes: readonly RecordChange<V>[]
}

export interface RecordChange<V> {
  readonly key: string
  /** Undefined: removed. */
  readonly value: V | undefined
  readonly headers: Readonly<Record<string, string>>
}

export interface HeldBack {
  readonly reason: 'schema' | 'unreadable'
  readonly commit: number
  readonly message: string
}

export interface ListenOptions<V> {
  onChange(changes: readonly { readonly key: string; readonly value: V | undefined }[]): void
}

export interface Follower extends AsyncDisposable {
  /** A whole state was told once; it stays true while NATS is away. */
  readonly synced: boolean
  whenSynced(): Promise<void>
  /** The id of the commit last applied; 0: none, or a channel without commits. */
  readonly applied: number
}
