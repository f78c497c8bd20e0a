// Who names whom, counted: a Secret crosses the bus only while its count is above zero.

export interface ReferenceCount {
  has(key: string): boolean
  /** Replaces what `from` names; returns the keys that gained their first referrer or lost their last. */
  set(from: string, to: readonly string[]): Set<string>
}

export function createReferenceCount(): ReferenceCount {
  const named = new Map<string, readonly string[]>()
  const counts = new Map<string, number>()
  const add = (key: string, amount: number): void => {
    const count = (counts.get(key) ?? 0) + amount
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }
  return {
    has: (key) => counts.has(key),
    set(from, to) {
      const before = named.get(from) ?? []
      const had = new Set([...before, ...to].filter((key) => counts.has(key)))
      for (const key of to) add(key, 1)
      for (const key of before) add(key, -1)
      if (to.length > 0) named.set(from, to)
      else named.delete(from)
      return new Set([...before, ...to].filter((key) => had.has(key) !== counts.has(key)))
    },
  }
}
