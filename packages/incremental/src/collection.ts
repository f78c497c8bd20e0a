// A collection: records by key, and who reads them. Its height is its place in the order of declaration; a function may
// read only what stands below it, so one pass by height settles everything.
import { fire, type Slot } from './dependency.ts'
import { type Doubt, noDoubt } from './doubt.ts'
import { equal } from './equal.ts'
import { noteDelta, type Progress } from './round.ts'
import { createSortedEntries, type Entry, type SortedEntries } from './sorted-entries.ts'

declare const element: unique symbol

/** A keyed set of immutable records. `V` should be readonly all the way down. */
export interface Collection<out V> {
  readonly name: string
  readonly height: number
  readonly [element]?: V
}

/** A collection from inside the engine. */
export interface Store<V> extends Collection<V> {
  readonly values: Map<string, V>
  /** Slots of single records. */
  readonly getters: Map<string, Slot>
  /** The slot of the whole, under the empty key. */
  readonly listers: Map<string, Slot>
  /** Waiting keys of the collections that are computed from this one, key for key. */
  readonly followers: Set<string>[]
  sorted: SortedEntries<V> | undefined
  doubt: Doubt
}

export function createStore<V>(name: string, height: number): Store<V> {
  const maps = { values: new Map(), getters: new Map(), listers: new Map() }
  return { name, height, ...maps, followers: [], sorted: undefined, doubt: noDoubt }
}

/** Sets or (with `undefined`) removes a record; an equal one is no change, and the old object stays. */
export function put<V>(store: Store<V>, key: string, value: V | undefined, round: Progress): boolean {
  const { values } = store
  const old = values.get(key)
  if (equal(old, value)) return false
  if (value === undefined) values.delete(key)
  else values.set(key, value)
  noteDelta(round, store, {
    key,
    ...(old === undefined ? {} : { old }),
    ...(value === undefined ? {} : { new: value }),
  })
  if (values.size === 0) store.sorted = undefined
  store.sorted?.put(key, value)
  for (const waiting of store.followers) waiting.add(key)
  fire(store.getters.get(key))
  fire(store.listers.get(''))
  return true
}

/** All records, sorted by key. */
export function listOf<V>(store: Store<V>): readonly Entry<V>[] {
  store.sorted ??= createSortedEntries(() => entriesOf(store.values))
  return store.sorted.read()
}

function* entriesOf<V>(values: ReadonlyMap<string, V>): Iterable<Entry<V>> {
  for (const [key, value] of values) yield { key, value }
}
