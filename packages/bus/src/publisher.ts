// The writer's side of a channel with one writer, as a service sees it.
import type { PublishedState } from './difference.ts'

export interface PublisherOptions<V> {
  /**
   * The whole of what should be there; undefined while inputs are not synced. Unknown is not empty: then nothing is
   * published and nothing removed.
   */
  state(): PublishedState<V> | undefined
  /**
   * What the stream holds, whenever it was read afresh and before `state` is asked: what an earlier life left there.
   * Records that cannot be decoded are missing; all of them, where a newer build wrote them.
   */
  onRead?(records: ReadonlyMap<string, V>): void
  /** After the last, whole, commit of a round; with no keys after a round that found nothing to write. */
  onCommit?(round: CommittedRound): void
  /** Called before `state` is first read in the new term. */
  onLead?(): void
  onFollow?(): void
}

export interface CommittedRound {
  readonly id: number
  readonly keys: readonly string[]
  /** Of the changes announced with a time; 0 if there were none. */
  readonly oldestChangeMs: number
}

export interface Publisher extends AsyncDisposable {
  readonly leading: boolean
  /** These may differ now. They are looked up in the state when they are written, a microtask later or as soon as the
   * commit in flight is done. Call it after every change of the inputs too, with no keys if nothing came of it. */
  changed(keys: Iterable<string>, oldestChangeMs?: number): void
  /** Anything may differ now. */
  refresh(): void
  /** The id of the commit that covers all that was announced so far; of the last one if nothing differed. */
  settled(): Promise<number>
  /** The stream as the leader knows it; undefined while following or not read yet. */
  readonly stream: { readonly createdMs: number; readonly lastCommit: number } | undefined
}
