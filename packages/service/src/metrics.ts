// The meter over prom-client, with Node's own metrics (memory, CPU, garbage collection, event loop lag) beside ours.
import type { Labels, Meter } from '@penstock/telemetry'
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client'

export interface Metrics {
  readonly meter: Meter
  readonly contentType: string
  /** The exposition format of Prometheus. */
  text(): Promise<string>
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const once = instrumentOnce(registry)
  const meter: Meter = {
    counter(name, help, labelNames = []) {
      const counter = once(name, Counter, () => new Counter({ name, help, labelNames, registers: [registry] }))
      return { add: (amount = 1, labels: Labels = {}) => counter.inc(labels, amount) }
    },
    gauge(name, help, labelNames = []) {
      const gauge = once(name, Gauge, () => new Gauge({ name, help, labelNames, registers: [registry] }))
      return { set: (value, labels: Labels = {}) => gauge.set(labels, value), remove: (labels) => gauge.remove(labels) }
    },
    histogram(name, help, { labelNames = [], buckets } = {}) {
      const bounds = buckets === undefined ? {} : { buckets: [...buckets] }
      const make = () => new Histogram({ name, help, labelNames, registers: [registry], ...bounds })
      const histogram = once(name, Histogram, make)
      return { observe: (value, labels: Labels = {}) => histogram.observe(labels, value) }
    },
  }
  return { meter, contentType: registry.contentType, text: () => registry.metrics() }
}

/** Asking twice for a name gives the same instrument. */
function instrumentOnce(registry: Registry) {
  return <M extends Metric>(name: string, kind: abstract new (...args: never[]) => M, make: () => M): M => {
    const known = registry.getSingleMetric(name)
    if (known === undefined) return make()
    if (known instanceof kind) return known
    throw new Error(`the metric ${name} is already of another kind`)
  }
}
