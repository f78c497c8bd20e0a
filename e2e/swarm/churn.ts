// Edits at a steady pace, and how long each takes to every member that gets it.
import type { SwarmJournal } from './swarm-journal.ts'
import type { SwarmScene } from './swarm-scene.ts'
import type { SwarmStack } from './swarm-stack.ts'

export interface Churn {
  /** By fleet and host. */
  readonly lastEdits: ReadonlyMap<string, number>
  start(): void
  stop(): void
  /** From now on no backend goes: proxies are told of that only a while later. */
  keepAll(): void
  /** A member has this edit. */
  arrived(mark: { readonly number: number }): void
}

export interface ChurnOptions {
  readonly scene: SwarmScene
  readonly stack: SwarmStack
  readonly journal: SwarmJournal
  readonly everyMs: number
}

export function createChurn({ scene, stack, journal, everyMs }: ChurnOptions): Churn {
  const lastEdits = new Map<string, number>()
  const madeMs = new Map<number, number>()
  let mayRemove = true
  let timer: NodeJS.Timeout | undefined
  const edit = (): void => {
    const { keys, mark } = scene.edit(mayRemove)
    journal.phase.edits += 1
    if (mark) {
      lastEdits.set(`${mark.fleet} ${mark.host}`, mark.number)
      madeMs.set(mark.number, performance.now())
    }
    stack.publisher.changed(keys, Date.now())
  }
  return {
    lastEdits,
    start: () => void (timer = setInterval(edit, everyMs)),
    stop: () => clearInterval(timer),
    keepAll: () => void (mayRemove = false),
    arrived({ number }) {
      const made = madeMs.get(number)
      if (made !== undefined) journal.phase.heldMs.push(performance.now() - made)
    },
  }
}
