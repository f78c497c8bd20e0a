// Compares two graphs of one make, and says in a sentence where they differ.
import type { Collection } from './collection.ts'
import { equal } from './equal.ts'
import type { Graph } from './graph.ts'

export function assertSameGraph(law: string, actual: Graph, expected: Graph): void {
  actual.collections.forEach((collection, at) => {
    const other = expected.collections[at]
    if (other === undefined) throw new Error('the builder does not always build the same graph')
    assertSameValues(law, collection, actual.values(collection), expected.values(other))
  })
  if (equal(actual.size(), expected.size())) return
  throw new Error(`law 6 (space) beside ${law}: it holds ${show(actual.size())}, should hold ${show(expected.size())}`)
}

export function assertSameValues(
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

export const show = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'absent'
