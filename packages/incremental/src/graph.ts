// The graph: collections declared once, from the inputs up; then only transactions. LAWS.md says what holds.
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { type Collection, createStore } from './collection.ts'
import { createDerive, type Derivation } from './derive.ts'
import { type Explanation, explainKey } from './explain.ts'
import { createIndexBy, createIndexStore, type Filing, type Index } from './index-by.ts'
import { applyChanges, gatherChanges, type Input, type Setter } from './input.ts'
import { createReader } from './read.ts'
import { endRound, type Progress, type Round, startRound } from './round.ts'
import { createSpread, type Spreading } from './spread.ts'
import type { Trial } from './step.ts'
import { createUnion } from './union.ts'

/** What the graph holds, in entries. All of it is 0 once all inputs are gone (law 6). */
export interface Size {
  readonly records: number
  readonly computed: number
  readonly dependencies: number
  readonly held: number
}

/** Counts since the graph was made. */
export interface Totals {
  readonly transactions: number
  readonly runs: number
  readonly reads: number
  readonly throws: number
}

export interface Graph {
  input<V>(name: string): Input<V>
  /** One for one, under the same key; `undefined` is no record. */
  derive<V, U>(name: string, source: Collection<V>, derivation: Derivation<V, U>): Collection<U>
  /** One to many. A key that two sources yield belongs to the smallest source key; the last of one source counts. */
  spread<V, U>(name: string, source: Collection<V>, spreading: Spreading<V, U>): Collection<U>
  index<V>(name: string, source: Collection<V>, filing: Filing<V>): Index<V>
  /** Several collections as one. A key that two hold belongs to the one named first. */
  union<V>(name: string, sources: readonly Collection<V>[]): Collection<V>
  /** Sets inputs, then computes what depends on them. If `change` throws, nothing has happened. */
  transaction(change: (set: Setter) => void): Round
  values<V>(collection: Collection<V>): ReadonlyMap<string, V>
  /** The keys whose function threw; of the whole graph as `<collection> <key>`. */
  held(of?: Collection<unknown> | Index<unknown>): ReadonlyMap<string, Error>
  explain(collection: Collection<unknown>, key: string): Explanation
  /** In order of declaration, the `keys` of indexes included. */
  readonly collections: readonly Collection<unknown>[]
  size(): Size
  totals(): Totals
}

export type GraphOptions = Partial<Trial>

export function createGraph({ freeze = false, twice = false }: GraphOptions = {}): Graph {
  const catalogue = createCatalogue()
  const totals = { transactions: 0, runs: 0, reads: 0, throws: 0 }
  let state: 'settled' | 'running' | 'broken' = 'settled'

  return {
    ...declarations(catalogue, { freeze, twice }),
    ...inspections(catalogue),
    totals: () => ({ ...totals }),
    transaction(change) {
      if (state === 'running') throw new Error('a transaction within a transaction')
      if (state === 'broken') throw new Error('the engine itself failed in an earlier transaction')
      catalogue.close()
      state = 'running'
      try {
        const changes = gatherChanges(change, catalogue.store, freeze)
        state = 'broken'
        const round = startRound()
        applyChanges(changes, round)
        stabilise(catalogue, round)
        totals.transactions += 1
        totals.runs += round.work.length
        totals.reads += round.reads
        totals.throws += round.threw.length
        state = 'settled'
        return endRound(round)
      } finally {
        if (state === 'running') state = 'settled'
      }
    },
  }
}

/** Each step once, from the lowest up: nothing that a step reads can change after its turn. */
function stabilise(catalogue: Catalogue, round: Progress): void {
  for (const step of catalogue.steps) {
    if (step.dirty.size === 0) continue
    const keys = [...step.dirty].sort()
    step.dirty.clear()
    step.run(keys, round)
  }
}

function declarations(
  catalogue: Catalogue,
  trial: Trial,
): Pick<Graph, 'input' | 'derive' | 'spread' | 'index' | 'union'> {
  const reader = createReader(catalogue, trial.freeze)
  return {
    input<V>(name: string) {
      const store = { ...createStore<V>(name, catalogue.claim(name)), settable: true as const }
      catalogue.addStore(store)
      return store
    },
    derive<V, U>(name: string, source: Collection<V>, derivation: Derivation<V, U>) {
      const store = createStore<U>(name, catalogue.claim(name))
      catalogue.addStore(store, createDerive(store, catalogue.store(source), derivation, { reader, trial }))
      return store
    },
    spread<V, U>(name: string, source: Collection<V>, spreading: Spreading<V, U>) {
      const store = createStore<U>(name, catalogue.claim(name))
      catalogue.addStore(store, createSpread(store, catalogue.store(source), spreading, trial))
      return store
    },
    index<V>(name: string, source: Collection<V>, filing: Filing<V>) {
      const index = createIndexStore(name, catalogue.claim(name), catalogue.store(source))
      catalogue.addIndex(index, createIndexBy(index, filing, trial))
      return index
    },
    union<V>(name: string, sources: readonly Collection<V>[]) {
      const store = createStore<V>(name, catalogue.claim(name))
      catalogue.addStore(store, createUnion(store, sources.map(catalogue.store)))
      return store
    },
  }
}

function inspections(catalogue: Catalogue): Pick<Graph, 'values' | 'held' | 'explain' | 'collections' | 'size'> {
  return {
    collections: catalogue.stores,
    values: (collection) => catalogue.store(collection).values,
    held(of) {
      if (of !== undefined) return new Map(catalogue.stepOf(of)?.held)
      const all = new Map<string, Error>()
      for (const step of catalogue.steps) for (const [key, error] of step.held) all.set(`${step.name} ${key}`, error)
      return all
    },
    explain: (collection, key) => explainKey(catalogue.store(collection), catalogue.stepOf(collection), key),
    size() {
      const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0)
      const { stores, steps } = catalogue
      return {
        records: sum(stores.map((store) => store.values.size)),
        computed: sum(steps.map((step) => step.footprint())),
        dependencies: sum(stores.map((store) => store.getters.size + store.listers.size)),
        held: sum(steps.map((step) => step.held.size)),
      }
    },
  }
}
