// What the plane's graph did, in numbers: the translator counts the same of its own.
import type { Round } from '@penstock/incremental'
import type { Meter } from '@penstock/telemetry'

/** To be told of every transaction. */
export function createPlaneMetrics(meter: Meter): (round: Round) => void {
  const recomputed = meter.counter('penstock_plane_recomputed_keys', 'Keys computed', ['collection'])
  const elements = meter.counter('penstock_plane_read_elements', 'Elements of lists and lookups that were read')
  return ({ work, reads }) => {
    for (const [collection, ran] of Map.groupBy(work, (each) => each.collection)) {
      recomputed.add(ran.length, { collection })
    }
    elements.add(reads)
  }
}
