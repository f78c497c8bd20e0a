// Keys of the plane whose function threw: told when they come and when they go.
import type { Graph } from '@penstock/incremental'
import type { Logger, Meter } from '@penstock/telemetry'

export interface HeldKeys {
  check(graph: Graph): void
}

export function createHeldKeys(log: Logger, meter: Meter): HeldKeys {
  const count = meter.gauge('penstock_plane_held_keys', 'Keys whose function threw')
  count.set(0)
  let known: ReadonlyMap<string, Error> = new Map()
  return {
    check(graph) {
      const held = graph.held()
      for (const [key, error] of held) {
        if (known.get(key)?.message !== error.message) log.warn('key_held', { key, error })
      }
      for (const key of known.keys()) if (!held.has(key)) log.info('key_released', { key })
      known = held
      count.set(held.size)
    },
  }
}
