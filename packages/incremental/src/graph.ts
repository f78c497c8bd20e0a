// The graph: collections declared once, from the inputs up; then only transactions. LAWS.md says what holds.
import { type Catalogue, createCatalogue, type Declaration } from './catalogue.ts'
import { type Collection, createStore } from './collection.ts'
import { createDerive, type Derivation } from './derive.ts'
import { type Marks, wakeHeldForGaps } from './doubt.ts'
import { type Explanation, explainKey } from './explain.ts'
import { createIndexBy, createIndexStore, type Filing, type Index } from './index-by.ts'
import { applyChanges, gatherChanges, type Input, type Setter } from './input.ts'
import { createReader } from './read.ts'
import { endRound, type Round, startRound } from './round.ts'
import { createSpread, type Spreading } from './spread.ts'
import type { Trial, Workshop } from './step.ts'
import { createUnion } from './union.ts'

/** What the graph holds, in entries. All of it is 0 once all inputs are gone (law 6). */
export interface Size {
  readonly records: number
  readonly computed: number
  readonly dependencies: number
  readonly held: number
}

export interface Graph {
  input<V>(name: string): Input<V>
  /** One for one, under the same key; `undefined` is no record. */
  derive<V, U>(name: string, source: Collection<V>, derivation: Derivation<V, U>): Collection<U>
  /** One to many. A key that two sources yield belongs to the smallest source key; the last of one source counts. */
  spread<V, U>(name: string, source: Collection<V>, spreading: Spreading<V, U>, marks?: Marks): Collection<U>
  /** `marks`, here and in `spread`, narrow what is in doubt when a function below threw at the start. */
  index<V>(name: string, source: Collection<V>, filing: Filing<V>, marks?: Marks): Index<V>
  /** Several collections as one. A key that two hold belongs to the one named first. */
  union<V>(name: string, sources: readonly Collection<V>[]): Collection<V>
  /** Sets inputs, then computes what depends on them. If `change` throws, nothing has happened. */
  transaction(change: (set: Setter) => void): Round
  values<V>(collection: Collection<V>): ReadonlyMap<string, V>
  /** The keys whose function threw; of the whole graph as `<collection> <key>`. */
  held(of?: Collection<unknown> | Index<unknown>): ReadonlyMap<string, Error>
  /** Whether this key has no value, but only because a function threw when the graph started: absent or not, who knows. */
  inDoubt(collection: Collection<unknown>, key: string): boolean
  explain(collection: Collection<unknown>, key: string): Explanation
  /** In order of declaration, the `keys` of indexes included. */
  readonly collections: readonly Collection<unknown>[]
  /** The same as declarations: what is made from what. */
  readonly declared: readonly Declaration[]
  size(): Size
}

export interface GraphOptions extends Partial<Trial> {
  /** Whether what throws at the start leaves a gap (doubt.ts). Not where nobody keeps what was made before. */
  readonly doubt?: boolean
}

export function createGraph({ freeze = false, twice = false, doubt = true, ...more }: GraphOptions = {}): Graph {
  const catalogue = createCatalogue()
  let state: 'settled' | 'gathering' | 'computing' | 'broken' = 'settled'
  let cold = doubt

  return {
    ...declarations(catalogue, { freeze, twice, ...more }),
    ...inspections(catalogue),
    values(collection) {
      if (state === 'computing') throw new Error(`${collection.name} is read around the read context`)
      return catalogue.store(collection).values
    },
    transaction(change) {
      if (state !== 'settled') throw new Error(`a transaction while the graph is ${state}`)
      catalogue.close()
      try {
        state = 'gathering'
        const changes = gatherChanges(change, catalogue.store, freeze)
        state = 'computing'
        const round = startRound(cold)
        applyChanges(changes, round)
        for (const step of catalogue.steps) if (step.dirty.size > 0) step.run(round)
        // A graph in doubt is still starting: what closes a gap may throw in turn.
        cold = cold && catalogue.steps.some((step) => step.cold.keys.size > 0)
        state = 'settled'
        return endRound(round)
      } finally {
        if (state === 'gathering') state = 'settled'
        if (state === 'computing') state = 'broken'
      }
    },
  }
}

function declarations(
  catalogue: Catalogue,
  trial: Trial,
): Pick<Graph, 'input' | 'derive' | 'spread' | 'index' | 'union'> {
  const reader = createReader(catalogue, trial.freeze)
  const workshop: Workshop = { reader, trial, closeGap: ({ height }) => wakeHeldForGaps(catalogue.steps, height) }
  return {
    input<V>(name: string) {
      const store = { ...createStore<V>(name, catalogue.claim(name)), settable: true as const }
      catalogue.add(store, store, { kind: 'input', from: [] })
      return store
    },
    derive<V, U>(name: string, source: Collection<V>, derivation: Derivation<V, U>) {
      const store = createStore<U>(name, catalogue.claim(name))
      catalogue.add(
        store,
        store,
        { kind: 'derive', from: [source.name] },
        createDerive(store, catalogue.store(source), derivation, workshop),
      )
      return store
    },
    spread<V, U>(name: string, source: Collection<V>, spreading: Spreading<V, U>, marks?: Marks) {
      const store = createStore<U>(name, catalogue.claim(name))
      catalogue.add(
        store,
        store,
        { kind: 'spread', from: [source.name] },
        createSpread(store, catalogue.store(source), { spreading, marks }, workshop),
      )
      return store
    },
    index<V>(name: string, source: Collection<V>, filing: Filing<V>, marks?: Marks) {
      const index = createIndexStore(name, catalogue.claim(name), catalogue.store(source))
      catalogue.add(
        index,
        index.keys,
        { kind: 'index', from: [source.name] },
        createIndexBy(index, { filing, marks }, workshop),
      )
      return index
    },
    union<V>(name: string, sources: readonly Collection<V>[]) {
      const store = createStore<V>(name, catalogue.claim(name))
      catalogue.add(
        store,
        store,
        { kind: 'union', from: sources.map(({ name }) => name) },
        createUnion(store, sources.map(catalogue.store)),
      )
      return store
    },
  }
}

function inspections(
  catalogue: Catalogue,
): Pick<Graph, 'held' | 'inDoubt' | 'explain' | 'collections' | 'declared' | 'size'> {
  return {
    collections: catalogue.stores,
    declared: catalogue.declared,
    held(of) {
      if (of !== undefined) return new Map(catalogue.stepOf(of)?.held)
      const all = new Map<string, Error>()
      for (const step of catalogue.steps) for (const [key, error] of step.held) all.set(`${step.name} ${key}`, error)
      return all
    },
    inDoubt(collection, key) {
      const { values, doubt } = catalogue.store(collection)
      return !values.has(key) && doubt.covers(key)
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
