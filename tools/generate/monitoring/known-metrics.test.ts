// Alerts and dashboards ask only for what somebody counts, by labels that it has.
import { describe, expect, it } from '@jest/globals'
import { allInstruments } from '../reference/metrics.ts'
import { alerts } from './alerts.ts'
import { dashboards } from './files.ts'
import { namesIn } from './promql-names.ts'

/** What Prometheus adds to everything that it reads, as the chart tells it. */
const ofTargets: readonly string[] = ['job', 'namespace', 'pod', 'gateway']
const histogram = ['_bucket', '_sum', '_count']

/** Of others: Node, kube-state-metrics, and Envoy; e2e/observe asks real ones, but for kube-state-metrics. */
const ofOthers: ReadonlyMap<string, readonly string[]> = new Map([
  ['process_resident_memory_bytes', []],
  ['process_cpu_seconds_total', []],
  ['process_start_time_seconds', []],
  ['nodejs_heap_size_used_bytes', []],
  ['nodejs_eventloop_lag_p99_seconds', []],
  ['nodejs_gc_duration_seconds', ['kind']],
  ['kube_pod_container_resource_limits', ['container', 'resource']],
  ['envoy_http_downstream_rq_time', ['envoy_http_conn_manager_prefix']],
])
const envoyLabels = ['envoy_http_conn_manager_prefix', 'envoy_cluster_name', 'envoy_response_code_class']

const ours = allInstruments()
/** The labels of a metric that a query names; throws where nobody counts it. */
function labelsOf(metric: string): readonly string[] {
  const base = metric.replace(/_(bucket|sum|count)$/, '')
  const instrument = ours.get(metric) ?? ours.get(base)
  if (instrument) {
    const isPart = instrument.type === 'histogram' ? metric !== base : metric === instrument.name
    if (!isPart) throw new Error(`${metric} is no part of a ${instrument.type}`)
    return [...instrument.labels, 'le']
  }
  const other = ofOthers.get(metric) ?? ofOthers.get(base)
  if (other) return [...other, 'le']
  if (metric.startsWith('envoy_')) return envoyLabels
  throw new Error(`nobody counts ${metric}`)
}

const queries = [
  ...[...alerts].map(([name, { expr }]) => [name, expr] as const),
  ...dashboards.flatMap(({ uid, rows }) =>
    Object.values(rows).flatMap((panels) =>
      panels.flatMap((panel) => panel.queries.map(({ expr }) => [`${uid}: ${panel.title}`, expr] as const)),
    ),
  ),
]

describe('a query asks for what is counted, by labels that it has', () => {
  it.each(queries)('%s', (_name, query) => {
    const { metrics, matched, grouped } = namesIn(query)
    expect(metrics.size).toBeGreaterThan(0)
    const all = [...metrics].flatMap(labelsOf)
    for (const label of grouped) expect([...ofTargets, ...all]).toContain(label)
    for (const [metric, labels] of matched) {
      for (const label of labels) expect([...ofTargets, ...labelsOf(metric)]).toContain(label)
    }
  })
})

describe('a legend', () => {
  const panels = dashboards.flatMap(({ rows }) => Object.values(rows).flat())
  it.each(panels.map((panel) => [panel.title, panel] as const))('of %s names labels that its query has', (_, panel) => {
    for (const { expr, legend } of panel.queries) {
      const { metrics, grouped } = namesIn(expr)
      const has = grouped.size > 0 ? [...grouped] : [...ofTargets, ...[...metrics].flatMap(labelsOf)]
      for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect(has).toContain(label)
    }
  })
})

it('every metric of ours is shown or alarmed on, or it is said why not', () => {
  const used = new Set(queries.flatMap(([, query]) => [...namesIn(query).metrics]))
  const unused = [...ours.keys()].filter((name) => !used.has(name) && !histogram.some((part) => used.has(name + part)))
  expect(unused.sort()).toEqual([
    // Not in a cluster, or not of interest beside the number of events that were written.
    'penstock_kube_dropped_events_total',
    'penstock_plane_read_elements',
    'penstock_watcher_change_ms',
    'penstock_watcher_file_reads_total',
    'penstock_watcher_objects',
    'penstock_watcher_refused_files',
  ])
})
