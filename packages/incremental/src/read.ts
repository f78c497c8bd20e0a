// The only way for a function to see anything but its own record. Every read is a dependency.
import type { Catalogue } from './catalogue.ts'
import { type Collection, listOf, type Store } from './collection.ts'
import { type Cell, record } from './dependency.ts'
import { refuseGap, refuseGaps } from './doubt.ts'
import { deepFreeze } from './freeze.ts'
import { bucketEntries, type Index } from './index-by.ts'
import type { Progress } from './round.ts'
import type { Entry } from './sorted-entries.ts'

export interface Read {
  /** One record. */
  get<V>(collection: Collection<V>, key: string): V | undefined
  /** The records that the index files under `key`, sorted by their own keys. */
  lookup<V>(index: Index<V>, key: string): readonly Entry<V>[]
  /** How many records the index files under `key`; only a change of the number is a change. */
  count(index: Index<unknown>, key: string): number
  /** A whole collection, sorted by key: every change of it runs the function again. */
  list<V>(collection: Collection<V>): readonly Entry<V>[]
}

export type Reader = ReturnType<typeof createReader>

/** One read context, lent to one cell at a time. */
export function createReader(catalogue: Catalogue, freeze: boolean) {
  let cell: Cell | undefined
  let progress: Progress | undefined

  const reading = (below: { readonly name: string; readonly height: number }): Cell => {
    if (cell === undefined) throw new Error(`${below.name} is read outside of a function's run`)
    if (below.height >= cell.owner.height) {
      throw new Error(`${cell.owner.name} reads ${below.name}, which is not declared before it`)
    }
    return cell
  }
  const handOut = <V>(entries: readonly Entry<V>[]): readonly Entry<V>[] => {
    if (progress !== undefined) progress.reads += entries.length
    if (freeze) deepFreeze(entries)
    return entries
  }

  const read: Read = {
    get(collection, key) {
      const store = catalogue.store(collection)
      record(reading(store), { kind: 'get', of: store.name, key }, store.getters)
      const value = store.values.get(key)
      if (value === undefined) refuseGapIn(store, key, progress)
      return value
    },
    lookup(index, key) {
      const filed = catalogue.index(index)
      record(reading(filed), { kind: 'lookup', of: filed.name, key }, filed.lookers)
      refuseGapIn(filed.keys, key, progress)
      return handOut(bucketEntries(filed, key))
    },
    count(index, key) {
      const filed = catalogue.index(index)
      record(reading(filed), { kind: 'count', of: filed.name, key }, filed.counters)
      refuseGapIn(filed.keys, key, progress)
      return filed.buckets.get(key)?.members.size ?? 0
    },
    list(collection) {
      const store = catalogue.store(collection)
      record(reading(store), { kind: 'list', of: store.name, key: '' }, store.listers)
      if (progress?.cold) refuseGaps(store.doubt, store.name)
      return handOut(listOf(store))
    },
  }

  return {
    read,
    /** Runs `task` with its reads recorded on `borrower`. */
    lend<T>(borrower: Cell, round: Progress, task: () => T): T {
      cell = borrower
      progress = round
      try {
        return task()
      } finally {
        cell = undefined
        progress = undefined
      }
    },
  }
}

/** Only a graph that is starting can have gaps. */
function refuseGapIn({ doubt, name }: Store<unknown>, key: string, progress: Progress | undefined): void {
  if (progress?.cold) refuseGap(doubt, name, key)
}
