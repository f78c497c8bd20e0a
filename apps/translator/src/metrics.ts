// What the translator counts.
import type { Graph, Round } from '@penstock/incremental'
import type { Meter } from '@penstock/telemetry'

export interface TranslatorMetrics {
  round(round: Round, ms: number): void
}

export function createTranslatorMetrics(meter: Meter, graph: Graph): TranslatorMetrics {
  const recomputed = meter.counter('penstock_translator_recomputed_keys', 'Keys computed', ['collection'])
  const elements = meter.counter('penstock_translator_read_elements', 'Elements of lists and lookups that were read')
  const duration = meter.histogram('penstock_translator_round_ms', 'Time of one transaction', {
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 100, 1_000],
  })
  const held = meter.gauge('penstock_translator_held_keys', 'Keys whose function threw, or that wait for one that did')
  held.set(0)
  return {
    round(round, ms) {
      for (const [collection, ran] of Map.groupBy(round.work, (each) => each.collection)) {
        recomputed.add(ran.length, { collection })
      }
      elements.add(round.reads)
      duration.observe(ms)
      held.set(graph.size().held)
    },
  }
}
