// Time is an input like any other. The graph yields deadlines: moments at which what is told changes, though no object
// does. It reads of each whether it is ahead or has passed; so an expiring certificate is a change of one record, and only
// what read that deadline runs again.
import type { Collection, Graph, Input, Round, Setter } from '@penstock/incremental'

export type Moment = 'ahead' | 'passed'

/** Keys of deadlines, and when they are (ms since 1970). */
export type Deadlines = readonly (readonly [key: string, atMs: number])[]

interface Clockwork {
  readonly graph: Graph
  readonly moments: Input<Moment>
  readonly deadlines: Collection<number>
}

/** In one transaction. What comes again is not gone. */
export interface DeadlineChanges {
  readonly gone: readonly string[]
  readonly come: Deadlines
}

export interface Clock {
  /** Within a transaction: where every deadline stands at `nowMs`, those of what changes in it included. */
  tell(set: Setter, nowMs: number | undefined, changes: DeadlineChanges): void
  /** After it. */
  look(round: Round): void
  /** The first deadline that is still ahead. */
  readonly nextMs: number | undefined
}

/** As long as no time is told, no deadline is ahead and none has passed. */
export function createClock({ graph, moments, deadlines }: Clockwork): Clock {
  let toldMs: number | undefined
  let nextMs: number | undefined
  let isMoved = false

  const momentOf = (atMs: number, nowMs: number): Moment => (atMs <= nowMs ? 'passed' : 'ahead')
  return {
    tell(set, nowMs = toldMs, { gone, come }) {
      if (nowMs === undefined) return
      isMoved = toldMs === undefined || nowMs < toldMs || nowMs >= (nextMs ?? Infinity)
      toldMs = nowMs
      if (isMoved) for (const [key, atMs] of graph.values(deadlines)) set.set(moments, key, momentOf(atMs, nowMs))
      for (const key of gone) set.delete(moments, key)
      for (const [key, atMs] of come) set.set(moments, key, momentOf(atMs, nowMs))
    },
    look(round) {
      if (toldMs === undefined || (!isMoved && round.deltas(deadlines).length === 0)) return
      nextMs = undefined
      for (const atMs of graph.values(deadlines).values()) {
        if (atMs > toldMs && atMs < (nextMs ?? Infinity)) nextMs = atMs
      }
    },
    get nextMs() {
      return nextMs
    },
  }
}
