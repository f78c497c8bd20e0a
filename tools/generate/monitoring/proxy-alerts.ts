// What concerns proxies, and what Kubernetes answers.
import type { AlertGroup } from './alert.ts'
import { grew, quantile } from './promql.ts'

/** Listeners of users; the port of the probes has another prefix. */
const requests = (more = ''): string =>
  `sum by (namespace, gateway) (rate(envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix=~"http-.+"${more}}[5m]))`

export const proxyAlerts = {
  PenstockProxyBehind: {
    expr: 'max by (namespace, job) (penstock_delivery_lag_seconds) > 60',
    for: '1m',
    severity: 'critical',
    summary: 'A proxy of {{ $labels.job }} has lacked a change for {{ $value | humanizeDuration }}',
    description:
      'It serves what it has. `penstock_delivery_fleet_lag_seconds` names its fleet, /debug/fleets the proxy.',
    page: 'an-edit-is-not-live',
  },
  PenstockEditsSlow: {
    expr: `${quantile(0.99, 'penstock_delivery_acknowledgement_seconds', 'namespace, job', '10m')} > 1`,
    for: '10m',
    severity: 'warning',
    summary: 'One edit of a hundred takes {{ $value | humanizeDuration }} to be live',
    description: 'From the moment that it was seen to the acknowledgement of each proxy; milliseconds are normal.',
    page: 'edits-are-slow',
  },
  PenstockProxyRejects: {
    expr: grew('penstock_xds_answers_total{result="nack"}', '15m', 'namespace, job, type'),
    for: '0m',
    severity: 'critical',
    summary: 'A proxy rejects {{ $labels.type }} that {{ $labels.job }} sent',
    description: 'It keeps the last good one of what it rejected. The status of the object has its words.',
    page: 'a-proxy-rejects-its-configuration',
  },
  PenstockProxyRefused: {
    expr: grew('penstock_xds_refused_total', '10m', 'namespace, job, reason'),
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.job }} keeps refusing proxies: {{ $labels.reason }}',
    description: 'A proxy that runs keeps what it has and gets no change; one that starts never becomes ready.',
    page: 'a-proxy-is-not-let-in',
  },
  PenstockProxySilent: {
    expr: grew('penstock_xds_cut_streams_total{reason="no_answer"}', '15m', 'namespace, job'),
    for: '0m',
    severity: 'warning',
    summary: 'A proxy of {{ $labels.job }} did not answer and was cut off',
    description: 'It is frozen, starved of processor time, or the network drops its packets. It comes back by itself.',
    page: 'an-edit-is-not-live',
  },
  PenstockServerCertificateExpires: {
    expr: 'min by (namespace, job) (penstock_xds_certificate_expiry_seconds > 0) - time() < 30 * 24 * 3600',
    for: '1h',
    severity: 'critical',
    summary: 'The certificate that {{ $labels.job }} shows to proxies ends in {{ $value | humanizeDuration }}',
    description:
      'Its renewal does not happen. Once it has ended no proxy connects: those that run go on without changes.',
    page: 'a-certificate-expires',
  },
  PenstockKeyHeld: {
    expr: 'max by (namespace, job) (penstock_translator_held_keys) > 0 or max by (namespace, job) (penstock_plane_held_keys) > 0',
    for: '1m',
    severity: 'critical',
    summary: '{{ $labels.job }} cannot compute {{ $value }} of its keys',
    description:
      'That is a bug of Penstock: these keep their last good state, everything else goes on. Please report it.',
    page: 'a-key-is-held',
  },
  PenstockProxyAlone: {
    expr: 'min by (namespace, gateway) (envoy_control_plane_connected_state{job="penstock/proxy"}) == 0',
    for: '5m',
    severity: 'critical',
    summary: 'A proxy of Gateway {{ $labels.namespace }}/{{ $labels.gateway }} has no server',
    description: 'It serves what it has and gets no change; a new one would not become ready.',
    page: 'a-proxy-is-not-let-in',
  },
  PenstockProxyErrors: {
    expr: `${requests(', envoy_response_code_class="5"')} / ${requests()} > 0.05`,
    for: '10m',
    severity: 'warning',
    summary:
      'Gateway {{ $labels.namespace }}/{{ $labels.gateway }} answers {{ $value | humanizePercentage }} of requests with 5xx',
    description: 'Backends answer so, or the proxy does for them: the access log tells them apart.',
    page: 'the-proxy-answers-503',
  },
} as const satisfies AlertGroup

export const kubernetesAlerts = {
  PenstockKubernetesForbids: {
    expr: grew(
      'penstock_kube_faults_total{code=~"kube_forbidden|kube_unauthorized|kube_held|kube_misconfigured"}',
      '15m',
      'namespace, job, code',
    ),
    for: '5m',
    severity: 'warning',
    summary: 'The API server does not let {{ $labels.job }} do its work: {{ $labels.code }}',
    description:
      'What is known of a kind that cannot be read stays in force. The events `kube_held` and `kube_fault` name it.',
    page: 'a-kind-cannot-be-read',
  },
  PenstockKubernetesAway: {
    expr: 'sum by (namespace, job) (increase(penstock_kube_faults_total{code=~"kube_unreachable|kube_busy|kube_unreadable"}[10m])) > 5',
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.job }} does not reach the API server',
    description: 'What is known stays in force; edits and statuses wait.',
    page: 'the-api-server-is-away',
  },
  PenstockWriteRefused: {
    expr: grew('penstock_kube_writes_total{result="refused"}', '15m', 'namespace, job, kind, verb'),
    for: '0m',
    severity: 'warning',
    summary: 'The API server refuses what {{ $labels.job }} writes of {{ $labels.kind }}',
    description: 'An admission webhook or policy, a quota, or CRDs older than this Penstock. Its log has the words.',
    page: 'a-write-is-refused',
  },
  PenstockStatusFight: {
    expr: 'sum by (namespace, kind) (increase(penstock_status_overwritten_total[15m])) > 3',
    for: '0m',
    severity: 'warning',
    summary: 'Somebody else writes our statuses of {{ $labels.kind }}',
    description:
      'A second installation with the same controllerName, or a tool that puts objects back with their status.',
    page: 'somebody-else-writes-our-statuses',
  },
} as const satisfies AlertGroup
