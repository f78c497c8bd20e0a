// Law 5 by another way than the engine's: from what every key read before a round, and from what differs after it, follows
// the exact list of what had to run. The engine pushes along dependencies; this pulls.
import type { Declaration } from './catalogue.ts'
import type { Collection } from './collection.ts'
import { equal } from './equal.ts'
import type { Explanation } from './explain.ts'
import type { Graph } from './graph.ts'
import type { Ran, Round } from './round.ts'

type Read = Explanation['reads'][number]

/** To be called before the round; the result throws unless the round did exactly what it had to. */
export function foreseeWork(graph: Graph): (round: Round) => void {
  const reads = readsOfAll(graph)
  const filed = new Map<string, readonly string[]>()
  for (const read of [...reads.values()].flat()) {
    if (read.kind === 'lookup' || read.kind === 'count') filed.set(placeOf(read), members(graph, read))
  }
  return (round) => {
    const expected = expectedWork(graph, round, (key) => reads.get(key) ?? [], filed)
    if (equal(round.work, expected)) return
    throw new Error(`law 5 (work): ran ${lines(round.work)}; what changed asks for ${lines(expected)}`)
  }
}

const cellKey = (collection: string, key: string): string => `${collection} ${key}`
const placeOf = ({ of, key }: Read): string => `${of} ${key}`
const lines = (work: readonly Ran[]): string => work.map(({ collection, key }) => cellKey(collection, key)).join(', ')

/** By cell: what it read when it last ran. Only `derive` reads. */
function readsOfAll(graph: Graph): ReadonlyMap<string, readonly Read[]> {
  const all = new Map<string, readonly Read[]>()
  for (const { name, kind, from } of graph.declared) {
    if (kind !== 'derive') continue
    const collection = named(graph, name)
    for (const key of graph.values(named(graph, from[0] ?? '')).keys()) {
      all.set(cellKey(name, key), graph.explain(collection, key).reads)
    }
  }
  return all
}

function expectedWork(
  graph: Graph,
  round: Round,
  readsOf: (cell: string) => readonly Read[],
  filed: ReadonlyMap<string, readonly string[]>,
): readonly Ran[] {
  const changed = new Map(
    graph.collections.map((collection) => [
      collection.name,
      new Set(round.deltas<unknown>(collection).map(({ key }) => key)),
    ]),
  )
  const sourceOf = new Map(graph.declared.map(({ name, from }) => [name, from[0] ?? '']))
  const isChanged = (read: Read): boolean => {
    if (read.kind === 'get') return changed.get(read.of)?.has(read.key) ?? false
    if (read.kind === 'list') return (changed.get(read.of)?.size ?? 0) > 0
    const before = filed.get(placeOf(read)) ?? []
    const now = members(graph, read)
    if (read.kind === 'count') return before.length !== now.length
    const source = changed.get(sourceOf.get(read.of) ?? '')
    return !equal(before, now) || now.some((member) => source?.has(member))
  }
  const mustRun = ({ name, from }: Declaration): readonly Ran[] => {
    const source = named(graph, from[0] ?? '')
    const keys = [...graph.values(source).keys()].filter(
      (key) => changed.get(source.name)?.has(key) || readsOf(cellKey(name, key)).some(isChanged),
    )
    return keys.sort().map((key) => ({ collection: name, key }))
  }
  return graph.declared.filter(({ kind }) => kind !== 'input' && kind !== 'union').flatMap(mustRun)
}

/** The keys that an index files under what was read. */
function members(graph: Graph, { of, key }: Read): readonly string[] {
  return graph.explain(named(graph, `${of}.keys`), key).from
}

function named(graph: Graph, name: string): Collection<unknown> {
  const collection = graph.collections.find((candidate) => candidate.name === name)
  if (collection === undefined) throw new Error(`the graph has no collection ${name}`)
  return collection
}
