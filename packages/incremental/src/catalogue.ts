// What a graph consists of, in order of declaration. The graph is fixed: once it has run, nothing is added.
import type { Collection, Store } from './collection.ts'
import type { Index, IndexStore } from './index-by.ts'
import type { Step } from './step.ts'

export interface Catalogue {
  readonly stores: readonly Store<unknown>[]
  /** Every computed thing, in order of height. */
  readonly steps: readonly Step[]
  /** The next height, for a name that is still free. */
  claim(name: string): number
  addStore<V>(store: Store<V>, step?: Step): void
  addIndex<V>(index: IndexStore<V>, step: Step): void
  /** The inside of a collection or index; throws if it belongs to another graph. */
  store<V>(collection: Collection<V>): Store<V>
  index<V>(index: Index<V>): IndexStore<V>
  stepOf(of: Collection<unknown> | Index<unknown>): Step | undefined
  /** From now on every declaration throws. */
  close(): void
}

export function createCatalogue(): Catalogue {
  const names = new Set<string>()
  const stores: Store<unknown>[] = []
  const steps: Step[] = []
  const members = new Map<unknown, Step | undefined>()
  let closed = false

  const mine = <T>(item: { readonly name: string }): T => {
    if (!members.has(item)) throw new Error(`${item.name} is not of this graph`)
    return item as T
  }
  const addStore = (store: Store<unknown>, step?: Step): void => {
    stores.push(store)
    members.set(store, step)
    if (step !== undefined && !steps.includes(step)) steps.push(step)
  }
  return {
    stores,
    steps,
    claim(name) {
      if (closed) throw new Error(`${name} is declared after the first transaction; the graph is fixed`)
      if (names.has(name)) throw new Error(`${name} is declared twice`)
      names.add(name)
      return names.size
    },
    addStore,
    addIndex(index, step) {
      addStore(index.keys, step)
      members.set(index, step)
    },
    store: (collection) => mine(collection),
    index: (index) => mine(index),
    stepOf: (of) => members.get(of),
    close() {
      closed = true
    },
  }
}
