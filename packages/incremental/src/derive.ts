// One record for one, under the same key: a pure function of a record and of what it reads.
import { put, type Store } from './collection.ts'
import { sameKeys } from './doubt.ts'
import type { Read } from './read.ts'
import { createStep, type Step, type Workshop } from './step.ts'

export type Derivation<V, U> = (value: V, key: string, read: Read) => U | undefined

export function createDerive<V, U>(
  store: Store<U>,
  source: Store<V>,
  derivation: Derivation<V, U>,
  workshop: Workshop,
): Step {
  const step = createStep<V, U | undefined>(
    store,
    source,
    {
      compute: (value, key) => derivation(value, key, workshop.reader.read),
      accept(key, value, result, round) {
        if (value === undefined || result !== undefined) put(store, key, result?.value, round)
      },
      from: (key) => (source.values.has(key) ? [key] : []),
      footprint: () => 0,
    },
    workshop,
  )
  store.doubt = sameKeys(source.doubt, step.cold)
  return step
}
