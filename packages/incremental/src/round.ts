// One transaction: what ran, what changed, what threw. A round is immutable once `transaction` has returned it.
import type { Collection } from './collection.ts'
import { byKey } from './sorted-entries.ts'

/** `old` is absent for a new record, `new` for a removed one. */
export interface Delta<V> {
  readonly key: string
  readonly old?: V
  readonly new?: V
}

export interface Ran {
  readonly collection: string
  readonly key: string
}

export interface Threw extends Ran {
  readonly error: Error
}

export interface Round {
  /** The changes of one collection, sorted by key. */
  deltas<V>(collection: Collection<V>): readonly Delta<V>[]
  /** Every function call, in order: by height of the collection, then by key. */
  readonly work: readonly Ran[]
  /** How many elements of `lookup` and `list` the functions were handed. */
  readonly reads: number
  /** The keys whose function threw in this round. */
  readonly threw: readonly Threw[]
}

/** A round in the making. */
export interface Progress {
  readonly deltas: Map<Collection<unknown>, Map<string, Delta<unknown>>>
  readonly work: Ran[]
  readonly threw: Threw[]
  /** What throws in this round has no last good output to stand in for it: see doubt.ts. */
  readonly cold: boolean
  reads: number
}

export const startRound = (cold = false): Progress => ({ deltas: new Map(), work: [], threw: [], cold, reads: 0 })

export function noteDelta(round: Progress, collection: Collection<unknown>, delta: Delta<unknown>): void {
  const known = round.deltas.get(collection)
  if (known === undefined) round.deltas.set(collection, new Map([[delta.key, delta]]))
  else known.set(delta.key, delta)
}

export function endRound({ deltas, work, reads, threw }: Progress): Round {
  const sorted = new Map<Collection<unknown>, readonly Delta<unknown>[]>()
  return {
    work,
    reads,
    threw,
    deltas<V>(collection: Collection<V>) {
      let list = sorted.get(collection)
      if (list === undefined) {
        list = [...(deltas.get(collection)?.values() ?? [])].sort(byKey)
        sorted.set(collection, list)
      }
      return list as readonly Delta<V>[]
    },
  }
}
