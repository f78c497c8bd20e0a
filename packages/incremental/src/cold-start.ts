// Checks what a graph says that starts with bugs in it: a publisher that leaves alone what is held or in doubt must have
// nothing to change in what a graph without bugs has published (doubt.ts).
import type { Collection } from './collection.ts'
import { waitsForGap } from './doubt.ts'
import { equal } from './equal.ts'
import type { Graph, GraphOptions } from './graph.ts'
import { assertSameGraph, show } from './same-values.ts'
import type { Change, Subject } from './subject.ts'

export interface ColdStart<V> {
  build(options?: GraphOptions): Subject<V>
  readonly changes: readonly Change<V>[]
  /** Which functions are broken. */
  readonly fail: NonNullable<GraphOptions['fail']>
  /** What a value has to say whatever is broken: all of it when left out. */
  steady?(collection: string, value: unknown): unknown
}

/** Starts with functions that fail, then mends them and lets every object come again. */
export function checkColdStart<V>({ build, changes, fail, steady = (_, value) => value }: ColdStart<V>): void {
  const good = build()
  good.apply(changes)
  let broken = true
  const bad = build({ fail: (name, key) => broken && fail(name, key) })
  bad.apply(changes)
  for (const [at, error] of bad.graph.held()) {
    const name = at.slice(0, at.indexOf(' '))
    if (waitsForGap(error) || fail(name, at.slice(name.length + 1))) continue
    throw new Error(`held: ${at} broke though nobody asked it to: ${error.message}`, { cause: error })
  }
  bad.graph.collections.forEach((collection, at) => {
    const whole = good.graph.values(good.graph.collections[at] ?? collection)
    for (const [key, value] of whole) {
      const said = bad.graph.values(collection).get(key)
      if (equal(steady(collection.name, said), steady(collection.name, value))) continue
      if (said === undefined && isLeftAlone(bad.graph, collection, key)) continue
      throw new Error(`held: ${collection.name} at ${key} is ${show(said)}, was ${show(value)}`)
    }
    for (const key of bad.graph.values(collection).keys()) {
      if (!whole.has(key)) throw new Error(`held: ${collection.name} has ${key}, which nobody has without bugs`)
    }
  })
  broken = false
  bad.apply(changes.map(({ key }) => ({ key, value: undefined })))
  const left = Object.entries(bad.graph.size()).filter(([, count]) => count !== 0)
  if (left.length > 0) throw new Error(`held: all inputs are gone, left are ${show(Object.fromEntries(left))}`)
  bad.apply(changes)
  assertSameGraph('held, then mended', bad.graph, good.graph)
}

const isLeftAlone = (graph: Graph, collection: Collection<unknown>, key: string): boolean =>
  graph.inDoubt(collection, key) || graph.held(collection).has(key)

/** Breaks about one function call in eight, the same ones for the same seed. */
export function failing(seed: number): (name: string, key: string) => boolean {
  return (name, key) => {
    let hash = seed | 0
    for (const char of `${name} ${key}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    return ((hash ^ (hash >>> 15)) & 7) === 0
  }
}
