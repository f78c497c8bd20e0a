// An index: the records of a collection filed under strings. A bucket with many records is not sorted anew for each edit.
import { type Collection, createStore, put, type Store } from './collection.ts'
import { fire, type Slot } from './dependency.ts'
import { type Marks, otherKeys } from './doubt.ts'
import { createSortedEntries, type Entry, type SortedEntries } from './sorted-entries.ts'
import { createStep, type Step, type Workshop } from './step.ts'

declare const element: unique symbol

export interface Index<out V> {
  readonly name: string
  readonly height: number
  /** The keys that file at least one record; deriving over it is "group by". */
  readonly keys: Collection<true>
  readonly [element]?: V
}

export type Filing<V> = (value: V, key: string) => Iterable<string>

/** An index from inside the engine. */
export interface IndexStore<V> extends Index<V> {
  readonly keys: Store<true>
  readonly source: Store<V>
  readonly buckets: Map<string, Bucket<V>>
  readonly lookers: Map<string, Slot>
  readonly counters: Map<string, Slot>
}

interface Bucket<V> {
  readonly members: Set<string>
  sorted?: SortedEntries<V>
}

export function createIndexStore<V>(name: string, height: number, source: Store<V>): IndexStore<V> {
  const keys = createStore<true>(`${name}.keys`, height)
  return { name, height, source, keys, buckets: new Map(), lookers: new Map(), counters: new Map() }
}

/** What is filed under `key`, sorted. */
export function bucketEntries<V>(index: IndexStore<V>, key: string): readonly Entry<V>[] {
  const bucket = index.buckets.get(key)
  if (bucket === undefined) return []
  bucket.sorted ??= createSortedEntries(() => entriesOf(index.source, bucket.members))
  return bucket.sorted.read()
}

function* entriesOf<V>(source: Store<V>, members: ReadonlySet<string>): Iterable<Entry<V>> {
  for (const key of members) yield { key, value: source.values.get(key) as V }
}

export function createIndexBy<V>(
  index: IndexStore<V>,
  { filing, marks }: { readonly filing: Filing<V>; readonly marks: Marks | undefined },
  workshop: Workshop,
): Step {
  const { source, buckets } = index
  /** By record: where it is filed. */
  const places = new Map<string, ReadonlySet<string>>()
  const nowhere: ReadonlySet<string> = new Set()
  /** By touched bucket: its size before this round. */
  const sizes = new Map<string, number>()

  const move = (place: string, key: string, value: V | undefined): void => {
    const bucket = buckets.get(place) ?? { members: new Set() }
    buckets.set(place, bucket)
    if (!sizes.has(place)) sizes.set(place, bucket.members.size)
    if (value === undefined) bucket.members.delete(key)
    else bucket.members.add(key)
    bucket.sorted?.put(key, value)
  }

  const step = createStep<V, readonly string[]>(
    index,
    source,
    {
      compute: (value, key) => [...filing(value, key)],
      accept(key, value, result) {
        const old = places.get(key) ?? nowhere
        const next = value === undefined ? nowhere : result === undefined ? old : new Set(result.value)
        for (const place of old) if (!next.has(place)) move(place, key, undefined)
        for (const place of next) move(place, key, value)
        if (next.size === 0) places.delete(key)
        else places.set(key, next)
      },
      settle(round) {
        for (const [place, sizeBefore] of sizes) {
          const size = buckets.get(place)?.members.size ?? 0
          if (size === 0) buckets.delete(place)
          fire(index.lookers.get(place))
          if (size !== sizeBefore) fire(index.counters.get(place))
          put(index.keys, place, size > 0 ? true : undefined, round)
        }
        sizes.clear()
      },
      from: (key) => [...(buckets.get(key)?.members ?? [])].sort(),
      footprint: () => places.size + buckets.size + index.lookers.size + index.counters.size,
    },
    workshop,
  )
  index.keys.doubt = otherKeys(source.doubt, step.cold, marks)
  return step
}
