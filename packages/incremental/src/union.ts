// Several collections seen as one, for who follows the whole. Where two hold the same key, the one named first wins.
import { put, type Store } from './collection.ts'
import type { Step } from './step.ts'

/** Runs no function, so it is no work: a change passes through. */
export function createUnion<V>(store: Store<V>, sources: readonly Store<V>[]): Step {
  const { name, height } = store
  const dirty = new Set<string>()
  for (const source of sources) source.followers.push(dirty)
  store.doubt = {
    covers: (key) => sources.some(({ doubt }) => doubt.covers(key)),
    origins: () => sources.flatMap(({ doubt }) => [...doubt.origins()]),
    version: () => sources.reduce((sum, { doubt }) => sum + doubt.version(), 0),
  }
  const valueOf = (key: string): V | undefined => sources.find(({ values }) => values.has(key))?.values.get(key)
  return {
    name,
    height,
    dirty,
    cells: new Map(),
    held: new Map(),
    cold: { keys: new Set(), changes: 0, closed: 0 },
    run(round) {
      for (const key of dirty) put(store, key, valueOf(key), round)
      dirty.clear()
    },
    from: (key) => (store.values.has(key) ? [key] : []),
    footprint: () => 0,
  }
}
