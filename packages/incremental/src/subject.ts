// What the laws are checked on: a graph, and histories of its inputs.
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
