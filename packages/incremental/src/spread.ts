// Many records for one, under keys of their own. Where two sources yield the same key, the smaller source key wins.
import { put, type Store } from './collection.ts'
import type { Progress } from './round.ts'
import { attempt, type Step, type Trial } from './step.ts'

export type Spreading<V, U> = (value: V, key: string) => Iterable<readonly [string, U]>

interface Yielded<U> {
  outputs: ReadonlyMap<string, U>
  runs: number
}

export function createSpread<V, U>(store: Store<U>, source: Store<V>, spreading: Spreading<V, U>, trial: Trial): Step {
  const yields = new Map<string, Yielded<U>>()
  /** For each output key the sources that yield it, sorted. */
  const claims = new Map<string, readonly string[]>()
  const nothing: ReadonlyMap<string, U> = new Map()

  const step: Step = {
    name: store.name,
    height: store.height,
    dirty: new Set(),
    held: new Map(),
    run(keys, round) {
      const touched = new Set<string>()
      for (const key of keys) {
        const next = compute(key, round)
        const old = yields.get(key)?.outputs ?? nothing
        for (const output of old.keys()) touched.add(output)
        for (const output of next?.outputs.keys() ?? []) touched.add(output)
        for (const output of old.keys()) if (!next?.outputs.has(output)) unclaim(output, key)
        for (const output of next?.outputs.keys() ?? []) if (!old.has(output)) claim(output, key)
        if (next === undefined) yields.delete(key)
        else yields.set(key, next)
      }
      for (const output of touched) {
        const winner = claims.get(output)?.[0]
        put(store, output, winner === undefined ? undefined : yields.get(winner)?.outputs.get(output), round)
      }
    },
    footprint: () => yields.size + claims.size,
    origin: (key) => {
      const from = claims.get(key) ?? []
      return { from, reads: [], runs: yields.get(from[0] ?? '')?.runs ?? 0 }
    },
  }
  source.followers.push(step.dirty)

  /** What the source key yields now; what it yielded last when the function throws; nothing when it is gone. */
  function compute(key: string, round: Progress): Yielded<U> | undefined {
    const value = source.values.get(key)
    if (value === undefined) {
      step.held.delete(key)
      return undefined
    }
    const runs = (yields.get(key)?.runs ?? 0) + 1
    const result = attempt(step, key, round, trial, () => [...spreading(value, key)])
    return { outputs: result ? new Map(result.value) : (yields.get(key)?.outputs ?? nothing), runs }
  }

  function claim(output: string, key: string): void {
    const others = claims.get(output)
    claims.set(output, others === undefined ? [key] : [...others, key].sort())
  }

  function unclaim(output: string, key: string): void {
    const others = claims.get(output)?.filter((other) => other !== key) ?? []
    if (others.length === 0) claims.delete(output)
    else claims.set(output, others)
  }

  return step
}
