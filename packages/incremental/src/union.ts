// Several collections seen as one, for who follows the whole. Where two hold the same key, the one named first wins.
import { put, type Store } from './collection.ts'
import type { Step } from './step.ts'

/** Runs no function, so it is no work: a change passes through. */
export function createUnion<V>(store: Store<V>, sources: readonly Store<V>[]): Step {
  const valueOf = (key: string): V | undefined => {
    for (const { values } of sources) {
      const value = values.get(key)
      if (value !== undefined) return value
    }
    return undefined
  }
  const step: Step = {
    name: store.name,
    height: store.height,
    dirty: new Set(),
    held: new Map(),
    run(keys, round) {
      for (const key of keys) put(store, key, valueOf(key), round)
    },
    footprint: () => 0,
    origin: (key) => ({ from: valueOf(key) === undefined ? [] : [key], reads: [], runs: 0 }),
  }
  for (const source of sources) source.followers.push(step.dirty)
  return step
}
