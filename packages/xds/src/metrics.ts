// Instruments of the server. Types are labelled by their short name, those that no plane named as "other".
import type { Counter, Gauge, Histogram, Meter } from '@penstock/telemetry'

export interface XdsMetrics {
  streams: Gauge
  responses: Counter
  resources: Counter
  bytes: Counter
  answers: Counter
  answerMs: Histogram
  cuts: Counter
}

const buckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 30_000]

export const createXdsMetrics = (meter: Meter): XdsMetrics => ({
  streams: meter.gauge('penstock_xds_streams', 'Streams of proxies that are open'),
  responses: meter.counter('penstock_xds_responses_total', 'Responses sent', ['type']),
  resources: meter.counter('penstock_xds_resources_total', 'Resources and removals sent', ['type']),
  bytes: meter.counter('penstock_xds_sent_bytes_total', 'Bytes of the responses sent', ['type']),
  answers: meter.counter('penstock_xds_answers_total', 'Answers of proxies: ack, nack or stale', ['type', 'result']),
  answerMs: meter.histogram('penstock_xds_answer_ms', 'From a response to its answer', {
    labelNames: ['type'],
    buckets,
  }),
  cuts: meter.counter('penstock_xds_cut_streams_total', 'Streams that the server ended, by reason', ['reason']),
})
