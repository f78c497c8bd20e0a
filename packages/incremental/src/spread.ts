// Many records for one, under keys of their own. Where two sources yield the same key, the smaller source key wins.
import { put, type Store } from './collection.ts'
import { type Marks, otherKeys } from './doubt.ts'
import { createStep, type Step, type Workshop } from './step.ts'

export type Spreading<V, U> = (value: V, key: string) => Iterable<readonly [string, U]>

export function createSpread<V, U>(
  store: Store<U>,
  source: Store<V>,
  { spreading, marks }: { readonly spreading: Spreading<V, U>; readonly marks: Marks | undefined },
  workshop: Workshop,
): Step {
  /** By source key: what it yields. */
  const yields = new Map<string, ReadonlyMap<string, U>>()
  /** By output key: the sources that yield it, sorted. */
  const claims = new Map<string, readonly string[]>()
  const touched = new Set<string>()

  const claim = (output: string, key: string): void => {
    touched.add(output)
    const others = claims.get(output) ?? []
    if (!others.includes(key)) claims.set(output, [...others, key].sort())
  }
  const unclaim = (output: string, key: string): void => {
    touched.add(output)
    const others = (claims.get(output) ?? []).filter((other) => other !== key)
    if (others.length === 0) claims.delete(output)
    else claims.set(output, others)
  }

  const step = createStep<V, readonly (readonly [string, U])[]>(
    store,
    source,
    {
      compute: (value, key) => [...spreading(value, key)],
      accept(key, value, result) {
        if (value !== undefined && result === undefined) return
        const next = new Map(result?.value)
        for (const output of yields.get(key)?.keys() ?? []) if (!next.has(output)) unclaim(output, key)
        for (const output of next.keys()) claim(output, key)
        if (next.size === 0) yields.delete(key)
        else yields.set(key, next)
      },
      settle(round) {
        for (const output of touched) {
          const winner = claims.get(output)?.[0]
          put(store, output, winner === undefined ? undefined : yields.get(winner)?.get(output), round)
        }
        touched.clear()
      },
      from: (key) => claims.get(key) ?? [],
      footprint: () => yields.size + claims.size,
    },
    workshop,
  )
  store.doubt = otherKeys(source.doubt, step.cold, marks)
  return step
}
