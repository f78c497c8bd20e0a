// Collections that are set from outside. A transaction gathers its changes first, so one that throws changes nothing,
// and each record changes at most once.
import { type Collection, put, type Store } from './collection.ts'
import { deepFreeze } from './freeze.ts'
import type { Progress } from './round.ts'

export interface Input<V> extends Collection<V> {
  readonly settable: true
}

export interface Setter {
  /** The last one of a transaction counts. */
  set<V>(input: Input<V>, key: string, value: NoInfer<V>): void
  delete<V>(input: Input<V>, key: string): void
}

type Changes = Map<Store<unknown>, Map<string, unknown>>

/** `undefined` removes the record. */
export function gatherChanges(
  change: (set: Setter) => void,
  storeOf: (input: Collection<unknown>) => Store<unknown>,
  freeze: boolean,
): Changes {
  const changes: Changes = new Map()
  const note = (input: Collection<unknown>, key: string, value: unknown): void => {
    const store = storeOf(input)
    if (freeze) deepFreeze(value)
    const known = changes.get(store)
    if (known === undefined) changes.set(store, new Map([[key, value]]))
    else known.set(key, value)
  }
  change({ set: note, delete: (input, key) => note(input, key, undefined) })
  return changes
}

export function applyChanges(changes: Changes, round: Progress): void {
  for (const [store, records] of changes) for (const [key, value] of records) put(store, key, value, round)
}
