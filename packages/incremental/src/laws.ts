// Checks the laws (LAWS.md) on any graph, for property tests: the caller brings the graph and a generator of histories,
// `checkLaws` throws a sentence when a law is broken. It needs no test library, so it shrinks with whichever is used.
import type { Collection } from './collection.ts'
import { equal } from './equal.ts'
import type { Graph } from './graph.ts'
import type { Round } from './round.ts'

/** One edit of an input; `undefined` removes the record. */
export interface Change<V> {
  readonly key: string
  readonly value: V | undefined
}

/** A list of transactions. */
export type History<V> = readonly (readonly Change<V>[])[]

/** A graph and the way to change its inputs; keys are unique over all inputs, the last change of a key counts. */
export interface Subject<V> {
  readonly graph: Graph
  apply(changes: readonly Change<V>[]): Round
}

/** Laws 1 to 4 and 6 for one history, and the general half of 5. `seed` chooses how it is split and permuted. */
export function checkLaws<V>(build: () => Subject<V>, history: History<V>, seed = 1): void {
  const all = history.flat()
  const random = randomOf(seed)
  const subject = replay(build, history)
  const last = new Map(all.map((change) => [change.key, change]))
  const final = [...last.values()].filter((change) => change.value !== undefined)

  assertSame('law 1 (from scratch)', subject, replay(build, [final]))
  assertSame('law 2 (batching), all at once', subject, replay(build, [all]))
  assertSame(
    'law 2 (batching), one by one',
    subject,
    replay(
      build,
      split(all, () => 0),
    ),
  )
  assertSame('law 2 (batching), at random', subject, replay(build, split(all, random)))
  assertSame('law 3 (order)', subject, replay(build, split(permute(all, random), random)))

  applyChecked(
    subject,
    [...last.keys()].map((key) => ({ key, value: undefined })),
  )
  const left = Object.entries(subject.graph.size()).filter(([, count]) => count !== 0)
  if (left.length > 0) throw new Error(`law 6 (space): all inputs are gone, left are ${show(Object.fromEntries(left))}`)
}

function replay<V>(build: () => Subject<V>, history: History<V>): Subject<V> {
  const subject = build()
  for (const changes of history) applyChecked(subject, changes)
  return subject
}

/** One transaction, with law 4 and the part of law 5 that holds for every graph. */
function applyChecked<V>({ graph, apply }: Subject<V>, changes: readonly Change<V>[]): void {
  const before = new Map(graph.collections.map((collection) => [collection, new Map(graph.values(collection))]))
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
    assertEqualValues('law 4 (delta)', collection, graph.values(collection), values)
  }
  const ran = new Set<string>()
  for (const { collection, key } of round.work) {
    if (ran.has(`${collection} ${key}`)) throw new Error(`law 5 (work): ${collection} ran twice at ${key} in one round`)
    ran.add(`${collection} ${key}`)
  }
}

function assertSame<V>(law: string, a: Subject<V>, b: Subject<V>): void {
  a.graph.collections.forEach((collection, at) => {
    const other = b.graph.collections[at]
    if (other === undefined) throw new Error('the builder does not always build the same graph')
    assertEqualValues(law, collection, a.graph.values(collection), b.graph.values(other))
  })
  if (equal(a.graph.size(), b.graph.size())) return
  throw new Error(`law 6 (space) beside ${law}: it holds ${show(a.graph.size())}, should hold ${show(b.graph.size())}`)
}

function assertEqualValues(
  law: string,
  { name }: Collection<unknown>,
  actual: ReadonlyMap<string, unknown>,
  expected: ReadonlyMap<string, unknown>,
): void {
  for (const key of new Set([...actual.keys(), ...expected.keys()])) {
    if (equal(actual.get(key), expected.get(key))) continue
    throw new Error(`${law}: ${name} at ${key} is ${show(actual.get(key))}, should be ${show(expected.get(key))}`)
  }
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'absent'

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
