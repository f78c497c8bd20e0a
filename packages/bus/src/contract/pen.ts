// A writer that never rests: it changes records as fast as the bus takes them, now one, now several, now a removal.
import { setImmediate as turn } from 'node:timers/promises'
import type { Source, Write } from './scene.ts'

export interface Pen {
  /** Rounds that were announced. */
  readonly rounds: number
  /** Writes no more; answers when all that was announced is in the stream. */
  rest(): Promise<number>
}

/** Records of one round carry its number; ten objects with up to three records each. */
export function writeContinuously(source: Source, { publisher }: Write): Pen {
  let rounds = 0
  let resting = false
  const edit = (): string[] => {
    rounds += 1
    const keys = ['1', '2', '3'].slice(0, 1 + (rounds % 3)).map((part) => `o-${rounds % 10}/${part}`)
    for (const key of keys) {
      if (rounds % 7 === 0) source.records.delete(key)
      else source.set(key, `${rounds}`)
    }
    return keys
  }
  const finished = (async () => {
    while (!resting) {
      publisher.changed(edit())
      // While the bus takes nothing, changes are announced all the same, but not in a busy loop.
      await Promise.race([publisher.settled(), pause()])
      await turn()
    }
  })()
  return {
    get rounds() {
      return rounds
    },
    async rest() {
      resting = true
      await finished
      return publisher.settled()
    },
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
