// Keys of the translation whose function threw: told when they come and when they go. While there are any, some records
// are left alone in the streams.
import { waitsForGap } from '@penstock/incremental'
import type { Logger } from '@penstock/telemetry'
import type { HeldOutputs, Translation } from '@penstock/translate'

export interface HeldKeys {
  /** What must be neither published nor swept. */
  readonly outputs: HeldOutputs
  /** After a round: whether some are held no more, so that what was left alone may be stale. */
  check(): boolean
}

export function createHeldKeys(translation: Translation, log: Logger): HeldKeys {
  let outputs = translation.held()
  let known: ReadonlyMap<string, Error> = new Map()
  return {
    get outputs() {
      return outputs
    },
    check() {
      const held = translation.graph.held()
      outputs = translation.held()
      for (const [key, error] of held) {
        // Those that only wait for another are as many as its readers.
        if (known.get(key)?.message !== error.message && !waitsForGap(error)) log.error('key_held', { key, error })
      }
      const released = [...known.keys()].filter((key) => !held.has(key))
      for (const key of released) log.info('key_released', { key })
      known = held
      return released.length > 0
    },
  }
}
