// Why a key has its value: for `/debug` pages and for a person in front of a failing test.
import type { Store } from './collection.ts'
import type { Slot } from './dependency.ts'
import type { Ran } from './round.ts'
import type { Step } from './step.ts'

export interface Explanation {
  readonly collection: string
  readonly key: string
  /**
   * `held`: its function threw the last time; `value` is the last good one, if there ever was one. `in doubt`: it has no
   * value, but only since something that it may be made from threw at the start.
   */
  readonly state: 'present' | 'absent' | 'held' | 'in doubt'
  readonly value?: unknown
  readonly error?: string
  /** Keys of the source collection that it was made from; the first one won. */
  readonly from: readonly string[]
  /** What its function read the last time it ran. */
  readonly reads: readonly { readonly kind: Slot['kind']; readonly of: string; readonly key: string }[]
  /** Who read this record, itself or as part of the whole collection. */
  readonly readBy: readonly Ran[]
  /** How often its function has run. */
  readonly runs: number
}

export function explainKey(store: Store<unknown>, step: Step | undefined, key: string): Explanation {
  const value = store.values.get(key)
  const from = step?.from(key) ?? []
  const source = from[0] ?? key
  const cell = step?.cells.get(source)
  const error = step?.held.get(source)
  const readers = [...(store.getters.get(key)?.readers ?? []), ...(store.listers.get('')?.readers ?? [])]
  return {
    collection: store.name,
    key,
    state: error ? 'held' : value !== undefined ? 'present' : store.doubt.covers(key) ? 'in doubt' : 'absent',
    ...(value === undefined ? {} : { value }),
    ...(error ? { error: error.message } : {}),
    from,
    reads: [...(cell?.reads ?? [])].map(({ kind, of, key: read }) => ({ kind, of, key: read })),
    readBy: readers.map((reader) => ({ collection: reader.owner.name, key: reader.key })),
    runs: cell?.runs ?? 0,
  }
}
