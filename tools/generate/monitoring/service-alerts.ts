// What services tell of themselves and of the bus.
import type { AlertGroup } from './alert.ts'
import { byService, grew, leaderJobs, ourJobs, quantile } from './promql.ts'

export const serviceAlerts = {
  PenstockServiceGone: {
    expr:
      `group by (${byService}) (last_over_time(penstock_service_ready[1h])) ` +
      `unless group by (${byService}) (penstock_service_ready)`,
    for: '5m',
    severity: 'critical',
    summary: 'No replica of {{ $labels.job }} in {{ $labels.namespace }} can be read any more',
    description:
      'Its pods are gone, or Prometheus does not reach their admin port. Proxies go on with the configuration that they have. ' +
      'A service that was left out on purpose is told of as well, for an hour.',
    page: 'a-pod-is-not-ready',
  },
  PenstockNobodyReady: {
    expr: `max by (${byService}) (penstock_service_ready) == 0`,
    for: '2m',
    severity: 'critical',
    summary: 'No replica of {{ $labels.job }} in {{ $labels.namespace }} is ready',
    description: 'Its part of every change waits. /readyz of a replica names the check that fails and why.',
    page: 'a-pod-is-not-ready',
  },
  PenstockReplicaNotReady: {
    expr: 'penstock_service_ready == 0',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.pod }} of {{ $labels.job }} has not been ready for ten minutes',
    description: 'Others may do its work, but one less is there to take over. Its /readyz names the check that fails.',
    page: 'a-pod-is-not-ready',
  },
  PenstockRestarts: {
    expr: `changes(process_start_time_seconds{${ourJobs}}[30m]) > 2`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $labels.pod }} of {{ $labels.job }} has restarted {{ $value }} times in half an hour',
    description: 'Its last log lines say why: a setting that is no use, memory, or a liveness probe without an answer.',
    page: 'a-pod-restarts',
  },
  PenstockMemory: {
    expr:
      `max by (namespace, pod, job) (process_resident_memory_bytes{${ourJobs}}) ` +
      '/ on (namespace, pod) group_left () ' +
      'sum by (namespace, pod) (kube_pod_container_resource_limits{resource="memory"}) > 0.9',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.pod }} uses {{ $value | humanizePercentage }} of its memory',
    description: 'At the limit it is killed and starts again, which costs time but no configuration of any proxy.',
    page: 'memory-grows',
  },
  PenstockBusy: {
    expr: `nodejs_eventloop_lag_p99_seconds{${ourJobs}} > 0.5`,
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.pod }} of {{ $labels.job }} answers late by {{ $value | humanizeDuration }}',
    description: 'It has more to compute than processor time to do it; every change waits for so long.',
    page: 'edits-are-slow',
  },
  PenstockTokenGuessed: {
    expr: 'sum by (namespace, job) (increase(penstock_debug_refusals_total{reason="wrong"}[10m])) > 10',
    for: '0m',
    severity: 'warning',
    summary: 'Somebody shows wrong debug tokens to {{ $labels.job }}',
    description: 'A token was replaced and somebody has the old one, or somebody tries. Nothing was shown.',
    page: 'debug-pages-are-closed',
  },
} as const satisfies AlertGroup

export const busAlerts = {
  PenstockBusDisconnected: {
    expr: 'penstock_bus_connected == 0',
    for: '2m',
    severity: 'critical',
    summary: '{{ $labels.pod }} of {{ $labels.job }} has no connection to NATS',
    description: 'Proxies keep serving, and servers keep serving them; changes wait until NATS is back.',
    page: 'nats-is-down',
  },
  PenstockNobodyLeads: {
    expr: `max by (${byService}) (penstock_bus_leading{${leaderJobs}}) == 0`,
    for: '1m',
    severity: 'critical',
    summary: 'No {{ $labels.job }} in {{ $labels.namespace }} leads',
    description: 'Nobody does its work: changes wait. /debug/bus of a replica says what a leader waits for.',
    page: 'nobody-leads',
  },
  PenstockTwoLead: {
    expr: `sum by (${byService}) (penstock_bus_leading{${leaderJobs}}) > 1`,
    for: '1m',
    severity: 'warning',
    summary: 'Two of {{ $labels.job }} in {{ $labels.namespace }} think that they lead',
    description: 'The stale one cannot write (it is fenced); it may be frozen or without a clock.',
    page: 'nobody-leads',
  },
  PenstockBusSlow: {
    expr: `${quantile(0.99, 'penstock_bus_commit_seconds', 'namespace, job, channel', '10m')} > 0.5`,
    for: '10m',
    severity: 'warning',
    summary: 'NATS takes {{ $value | humanizeDuration }} to take a commit of {{ $labels.channel }}',
    description: 'Every change is late by that. Slow disks under JetStream are the usual cause.',
    page: 'nats-is-slow',
  },
  PenstockBusRefused: {
    expr: grew(
      'penstock_bus_faults_total{code=~"bus_refused|bus_untrusted|bus_too_old|bus_misconfigured"}',
      '10m',
      'namespace, job, code',
    ),
    for: '2m',
    severity: 'critical',
    summary: 'NATS and {{ $labels.job }} do not agree: {{ $labels.code }}',
    description: 'It does not pass by itself. The event `bus fault` in its log has the sentence.',
    page: 'nats-refuses',
  },
  PenstockCommitHeldBack: {
    // Where nothing is edited no commit is held back any more; what is in force is old all the same.
    expr:
      'max by (namespace, job, channel) (penstock_bus_holding_back) > 0 or ' +
      grew('penstock_bus_held_commits_total{reason="unreadable"}', '15m', 'namespace, job, channel'),
    for: '2m',
    severity: 'critical',
    summary: '{{ $labels.job }} cannot read {{ $labels.channel }}',
    description:
      'It keeps the last state that it could read, and nothing newer reaches its proxies. `commit held back` in its log has the ' +
      'reason. `schema`: an older build reads what a newer one wrote; `unreadable`: a record is damaged.',
    page: 'an-upgrade-is-stuck',
  },
  PenstockReadersBehind: {
    expr: 'max by (namespace, job) (penstock_bus_readers_behind) > 0',
    for: '10m',
    severity: 'warning',
    summary: 'For ten minutes older readers have kept a new {{ $labels.job }} from leading',
    description:
      'The upgrade is slow, or does not reach them. When none of them goes for a while it leads without them; they keep their ' +
      'last state then.',
    page: 'an-upgrade-is-stuck',
  },
  PenstockReadersLeftBehind: {
    expr: grew('penstock_bus_readers_left_behind_total', '15m', 'namespace, job'),
    for: '0m',
    severity: 'critical',
    summary: 'A new {{ $labels.job }} goes on over readers that cannot read it',
    description:
      'They were not replaced in time: they keep their last state, and serve it, until they are. `readers left behind` in ' +
      'its log names them.',
    page: 'an-upgrade-is-stuck',
  },
  PenstockRecordRefused: {
    expr: grew('penstock_bus_refused_records_total', '15m', 'namespace, job, channel'),
    for: '0m',
    severity: 'warning',
    summary: 'A record of {{ $labels.channel }} is too large, or cannot be written',
    description:
      'Its object keeps its last good state. The event `record refused` in the log of {{ $labels.job }} names it.',
    page: 'an-edit-is-not-live',
  },
} as const satisfies AlertGroup
