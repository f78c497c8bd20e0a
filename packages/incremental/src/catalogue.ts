// What a graph consists of, in order of declaration. The graph is fixed: once it has run, nothing is added.
import type { Collection, Store } from './collection.ts'
import type { Index, IndexStore } from './index-by.ts'
import type { Step } from './step.ts'

/** One declaration, by the names of what it is made from. An index and its keys have one name. */
export interface Declaration {
  readonly name: string
  readonly kind: 'input' | 'derive' | 'spread' | 'index' | 'union'
  readonly from: readonly string[]
}

export type Catalogue = ReturnType<typeof createCatalogue>

export function createCatalogue() {
  const names = new Set<string>()
  const stores: Store<unknown>[] = []
  const steps: Step[] = []
  const declared: Declaration[] = []
  const members = new Map<unknown, Step | undefined>()
  let closed = false

  const mine = <T>(item: { readonly name: string }): T => {
    if (!members.has(item)) throw new Error(`${item.name} is not of this graph`)
    return item as T
  }
  return {
    stores,
    /** Every computed thing, in order of height. */
    steps,
    declared,
    /** The next height, for a name that is still free. */
    claim(name: string): number {
      if (closed) throw new Error(`${name} is declared after the first transaction; the graph is fixed`)
      if (names.has(name)) throw new Error(`${name} is declared twice`)
      return names.add(name).size
    },
    /** `face` is what the declaration returns; an index has a store, its keys, beside it. */
    add(
      face: Collection<unknown> | Index<unknown>,
      store: Store<unknown>,
      made: Omit<Declaration, 'name'>,
      step?: Step,
    ): void {
      stores.push(store)
      declared.push({ name: face.name, ...made })
      if (step !== undefined) steps.push(step)
      members.set(face, step).set(store, step)
    },
    close(): void {
      closed = true
    },
    store: <V>(collection: Collection<V>): Store<V> => mine(collection),
    index: <V>(index: Index<V>): IndexStore<V> => mine(index),
    stepOf: (of: Collection<unknown> | Index<unknown>): Step | undefined => members.get(of),
  }
}
