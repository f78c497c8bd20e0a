// A list of entries in order of key that is cheap to keep: changes wait until somebody reads, and are then merged in one
// pass without comparing what did not change. Every list handed out stays as it was (records may hold it).

export interface Entry<V> {
  readonly key: string
  readonly value: V
}

export interface SortedEntries<V> {
  /** The entry of `key` is now `value`; `undefined` removes it. */
  put(key: string, value: V | undefined): void
  /** Sorted by key, in order of UTF-16 code units. The same array until something changes. */
  read(): readonly Entry<V>[]
}

/** `current` answers the whole content; asked at first, and when merging would cost more than sorting anew. */
export function createSortedEntries<V>(current: () => Iterable<Entry<V>>): SortedEntries<V> {
  let entries: readonly Entry<V>[] | undefined
  const pending = new Map<string, V | undefined>()
  return {
    put(key, value) {
      if (entries === undefined) return
      pending.set(key, value)
      if (pending.size <= entries.length) return
      entries = undefined
      pending.clear()
    },
    read() {
      if (entries === undefined) entries = [...current()].sort(byKey)
      else if (pending.size > 0) entries = merge(entries, pending)
      pending.clear()
      return entries
    },
  }
}

export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

function merge<V>(old: readonly Entry<V>[], changes: ReadonlyMap<string, V | undefined>): readonly Entry<V>[] {
  const merged: Entry<V>[] = []
  let from = 0
  for (const key of [...changes.keys()].sort()) {
    const at = position(old, key, from)
    for (let i = from; i < at; i += 1) merged.push(old[i] as Entry<V>)
    from = old[at]?.key === key ? at + 1 : at
    const value = changes.get(key)
    if (value !== undefined) merged.push({ key, value })
  }
  for (let i = from; i < old.length; i += 1) merged.push(old[i] as Entry<V>)
  return merged
}

/** The first place at or after `from` whose key is not below `key`. */
function position(entries: readonly Entry<unknown>[], key: string, from: number): number {
  let low = from
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle] as Entry<unknown>).key < key) low = middle + 1
    else high = middle
  }
  return low
}
