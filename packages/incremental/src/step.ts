// One computed thing of the graph (a derived collection, a spread, an index), and the one place where a throw is caught.
import type { Store } from './collection.ts'
import { type Cell, createCell, endReads, type Owner, rereading } from './dependency.ts'
import type { ColdKeys } from './doubt.ts'
import { equal } from './equal.ts'
import { deepFreeze } from './freeze.ts'
import type { Reader } from './read.ts'
import type { Progress } from './round.ts'

/** What derive, spread and index differ in. */
export interface Kind<V, T> {
  /** The user's function. */
  compute(value: V, key: string): T
  /** `result` is absent when the record is gone (then `value` is too) or its function threw. */
  accept(key: string, value: V | undefined, result: { value: T } | undefined, round: Progress): void
  /** All keys of this round are accepted. */
  settle?(round: Progress): void
  /** Keys of the source that the output `key` comes from, the winner first. */
  from(key: string): readonly string[]
  /** How many entries its own maps hold. */
  footprint(): number
}

export interface Step extends Owner, Pick<Kind<never, never>, 'from' | 'footprint'> {
  readonly cells: Map<string, Cell>
  /** Keys whose function threw the last time it ran; their last good output is still in force. */
  readonly held: Map<string, Error>
  /** Those of them that never had a good output: what they would make is not known. */
  readonly cold: ColdKeys
  /** Computes the keys that wait, each once, sorted. Everything below has settled. */
  run(round: Progress): void
}

/** Checks for tests. */
export interface Trial {
  /** Freezes every value all the way down, and refuses what is not plain data. */
  readonly freeze: boolean
  /** Runs every function twice and holds the key if the results differ (law 7). */
  readonly twice: boolean
  /** Makes the function of a collection or index throw at a key, as a bug would. */
  readonly fail?: (name: string, key: string) => boolean
}

export interface Workshop {
  readonly reader: Reader
  readonly trial: Trial
  /** Some keys of this step are not cold any more. */
  closeGap(step: Step): void
}

export function createStep<V, T>(
  { name, height }: { readonly name: string; readonly height: number },
  source: Store<V>,
  kind: Kind<V, T>,
  { reader, trial, closeGap }: Workshop,
): Step {
  const cells = new Map<string, Cell>()
  const { held, cold, hold, release } = createHolding()
  const dirty = new Set<string>()
  const step: Step = {
    name,
    height,
    cells,
    held,
    cold,
    dirty,
    from: kind.from,
    footprint: () => cells.size + held.size + cold.keys.size + kind.footprint(),
    run(round) {
      const { closed } = cold
      for (const key of takeSorted(dirty)) {
        const value = source.values.get(key)
        if (value === undefined) forget(key)
        kind.accept(key, value, value === undefined ? undefined : attempt(key, value, round), round)
      }
      kind.settle?.(round)
      if (cold.closed !== closed) closeGap(step)
    },
  }
  source.followers.push(dirty)

  function attempt(key: string, value: V, round: Progress): { value: T } | undefined {
    const cell = cells.get(key) ?? createCell(key, step)
    cells.set(key, cell)
    cell.runs += 1
    round.work.push({ collection: name, key })
    try {
      if (trial.fail?.(name, key)) throw new Error(`${name} fails at ${key}, as it was asked to`)
      const result = rereading(cell, () =>
        reader.lend(cell, round, () => tried(() => kind.compute(value, key), trial, round)),
      )
      release(key)
      return { value: result }
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      hold(key, error, round.cold)
      round.threw.push({ collection: name, key, error })
      return undefined
    }
  }

  function forget(key: string): void {
    release(key)
    const cell = cells.get(key)
    if (cell !== undefined) endReads(cell)
    cells.delete(key)
  }

  return step
}

function takeSorted(dirty: Set<string>): readonly string[] {
  const keys = [...dirty].sort()
  dirty.clear()
  return keys
}

function createHolding() {
  const held = new Map<string, Error>()
  const keys = new Set<string>()
  const cold = { keys, changes: 0, closed: 0 }
  return {
    held,
    cold,
    hold(key: string, error: Error, isCold: boolean): void {
      held.set(key, error)
      if (!isCold || keys.has(key)) return
      keys.add(key)
      cold.changes += 1
    },
    release(key: string): void {
      held.delete(key)
      if (!keys.delete(key)) return
      cold.changes += 1
      cold.closed += 1
    },
  }
}

function tried<T>(task: () => T, trial: Trial, round: Progress): T {
  const result = task()
  if (trial.freeze) deepFreeze(result)
  if (!trial.twice) return result
  const { reads } = round
  const again = task()
  round.reads = reads
  if (!equal(result, again)) throw new Error('not pure: two runs on the same reads gave different results')
  return result
}
