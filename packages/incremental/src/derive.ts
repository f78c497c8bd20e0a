// One record for one: a pure function of a record and of what it reads.
import { put, type Store } from './collection.ts'
import { type Cell, release } from './dependency.ts'
import type { Read, Reader } from './read.ts'
import { attempt, type Step, type Trial } from './step.ts'

export type Derivation<V, U> = (value: V, key: string, read: Read) => U | undefined

export function createDerive<V, U>(
  store: Store<U>,
  source: Store<V>,
  derivation: Derivation<V, U>,
  { reader, trial }: { reader: Reader; trial: Trial },
): Step {
  const cells = new Map<string, Cell>()
  const step: Step = {
    name: store.name,
    height: store.height,
    dirty: new Set(),
    held: new Map(),
    run(keys, round) {
      for (const key of keys) {
        const value = source.values.get(key)
        if (value === undefined) {
          forget(key)
          put(store, key, undefined, round)
          continue
        }
        const cell = cellOf(key)
        const before = cell.reads
        cell.reads = new Set()
        cell.runs += 1
        const task = (): U | undefined => derivation(value, key, reader.read)
        const result = attempt(step, key, round, trial, () => reader.lend(cell, round, task))
        release(cell, before)
        if (result !== undefined) put(store, key, result.value, round)
      }
    },
    footprint: () => cells.size,
    origin: (key) => {
      const cell = cells.get(key)
      return { from: cell ? [key] : [], reads: cell?.reads ?? [], runs: cell?.runs ?? 0 }
    },
  }
  source.followers.push(step.dirty)

  function cellOf(key: string): Cell {
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = { owner: step, key, reads: new Set(), runs: 0 }
      cells.set(key, cell)
    }
    return cell
  }

  function forget(key: string): void {
    step.held.delete(key)
    const cell = cells.get(key)
    if (cell === undefined) return
    const before = cell.reads
    cell.reads = new Set()
    release(cell, before)
    cells.delete(key)
  }

  return step
}
