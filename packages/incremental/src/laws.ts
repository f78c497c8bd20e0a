// Checks the laws (LAWS.md) on any graph, for property tests: the caller brings the graph and a generator of histories,
// `checkLaws` throws a sentence when a law is broken. It needs no test library, so it shrinks with whichever is used.
import { equal } from './equal.ts'
import { foreseeWork } from './foreseen-work.ts'
import type { Graph } from './graph.ts'
import type { Round } from './round.ts'
import { assertSameGraph, assertSameValues, show } from './same-values.ts'

import type { Change, History, Subject } from './subject.ts'

export { type ColdStart, checkColdStart, failing } from './cold-start.ts'
export type { Change, History, Subject } from './subject.ts'

/** Laws 1 to 6 for one history. `seed` chooses how it is split and permuted. */
export function checkLaws<V>(build: () => Subject<V>, history: History<V>, seed = 1): void {
  const all = history.flat()
  const random = randomOf(seed)
  const subject = replay(build, history, foreseeWork)
  const last = new Map(all.map((change) => [change.key, change]))
  const final = [...last.values()].filter((change) => change.value !== undefined)

  const same = (law: string, other: History<V>): void => assertSameGraph(law, subject.graph, replay(build, other).graph)
  same('law 1 (from scratch)', [final])
  same('law 2 (batching), all at once', [all])
  same(
    'law 2 (batching), one by one',
    all.map((change) => [change]),
  )
  same('law 2 (batching), at random', split(all, random))
  same('law 3 (order)', split(permute(all, random), random))

  applyChecked(
    subject,
    [...last.keys()].map((key) => ({ key, value: undefined })),
  )
  const left = Object.entries(subject.graph.size()).filter(([, count]) => count !== 0)
  if (left.length > 0) throw new Error(`law 6 (space): all inputs are gone, left are ${show(Object.fromEntries(left))}`)
}

/** Looks at the graph before a round, then at the round. */
type Foresee = (graph: Graph) => (round: Round) => void

function replay<V>(build: () => Subject<V>, history: History<V>, foresee?: Foresee): Subject<V> {
  const subject = build()
  for (const changes of history) applyChecked(subject, changes, foresee)
  return subject
}

/** One transaction, with laws 4 and 5. */
function applyChecked<V>({ graph, apply }: Subject<V>, changes: readonly Change<V>[], foresee?: Foresee): void {
  const before = new Map(graph.collections.map((collection) => [collection, new Map(graph.values(collection))]))
  const checkWork = foresee?.(graph)
  const round = apply(changes)
  for (const { collection, key, error } of round.threw) {
    throw new Error(`${collection} threw at ${key}: ${error.message}`, { cause: error })
  }
  for (const [collection, values] of before) {
    for (const delta of round.deltas(collection)) {
      const at = `law 4 (delta), ${collection.name} at ${delta.key}`
      if (equal(delta.old, delta.new)) throw new Error(`${at}: a delta that changes nothing`)
      if (!equal(delta.old, values.get(delta.key))) throw new Error(`${at}: old is not what it was`)
      if (delta.new === undefined) values.delete(delta.key)
      else values.set(delta.key, delta.new)
    }
    assertSameValues('law 4 (delta)', collection, graph.values(collection), values)
  }
  checkWork?.(round)
  const ran = new Set<string>()
  for (const { collection, key } of round.work) {
    if (ran.has(`${collection} ${key}`)) throw new Error(`law 5 (work): ${collection} ran twice at ${key} in one round`)
    ran.add(`${collection} ${key}`)
  }
}

/** Cuts a list after each element with a chance of one half. */
function split<T>(list: readonly T[], random: () => number): readonly T[][] {
  const parts: T[][] = []
  for (const item of list) {
    if (parts.length === 0 || random() < 0.5) parts.push([item])
    else parts.at(-1)?.push(item)
  }
  return parts
}

/** Changes of different keys in another order; those of one key keep theirs. */
function permute<V>(changes: readonly Change<V>[], random: () => number): Change<V>[] {
  const queues = [...Map.groupBy(changes, (change) => change.key).values()]
  const result: Change<V>[] = []
  while (result.length < changes.length) {
    const next = queues[Math.floor(random() * queues.length)]?.shift()
    if (next !== undefined) result.push(next)
  }
  return result
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
