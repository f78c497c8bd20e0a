// One computed thing of the graph (a derived collection, a spread, an index) and the one place where a throw is caught.
import type { Owner, Slot } from './dependency.ts'
import { equal } from './equal.ts'
import { deepFreeze } from './freeze.ts'
import type { Progress } from './round.ts'

export interface Step extends Owner {
  /** Keys whose function threw the last time it ran; their last good output is still in force. */
  readonly held: Map<string, Error>
  /** Computes these keys, sorted, each once. Everything below has settled. */
  run(keys: readonly string[], round: Progress): void
  /** How many entries its own maps hold. */
  footprint(): number
  /** What the output `key` came from. */
  origin(key: string): Origin
}

export interface Origin {
  /** Keys of the source that yield it; the first one won. */
  readonly from: readonly string[]
  readonly reads: Iterable<Slot>
  readonly runs: number
}

export interface Trial {
  /** Freezes every value all the way down, and refuses what is not plain data. For tests. */
  readonly freeze: boolean
  /** Runs every function twice and holds the key if the results differ (law 7). For tests. */
  readonly twice: boolean
}

/** Runs a function of the user. Nothing is returned when it threw: the key is held until what it read changes. */
export function attempt<T>(
  step: Step,
  key: string,
  round: Progress,
  trial: Trial,
  task: () => T,
): { value: T } | undefined {
  round.work.push({ collection: step.name, key })
  try {
    const value = task()
    if (trial.freeze) deepFreeze(value)
    if (trial.twice) assertSame(value, round, task)
    step.held.delete(key)
    return { value }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    step.held.set(key, error)
    round.threw.push({ collection: step.name, key, error })
    return undefined
  }
}

function assertSame(value: unknown, round: Progress, task: () => unknown): void {
  const { reads } = round
  const again = task()
  round.reads = reads
  if (!equal(value, again)) throw new Error('not pure: two runs on the same reads gave different results')
}
