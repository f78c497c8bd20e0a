// For each alert: what it fires on, and the nearest thing to it on which it stays silent. Samples are a minute apart, in
// the words of promtool: `0+1x5` is 0 and five more, each 1 higher; `_x5` is none five times.
import type { AlertName } from '@penstock/tools/alerts'

/** What there is of each series, by its name and labels. */
type Series = Readonly<Record<string, string>>

export interface AlertCase {
  readonly fires: Series
  readonly silent: Series
  /** When it is looked at, in minutes. */
  readonly at: number
  /** How many alerts fire; 1 where nothing is said. */
  readonly alerts?: number
}

const of = (service: string, more = ''): string =>
  `{namespace="ns", job="penstock/${service}", pod="${service}-0"${more}}`
const second = (service: string): string => of(service).replace('-0', '-1')
const envoy = (more = ''): string => `{namespace="team", gateway="web", job="penstock/proxy", pod="p"${more}}`

/** A histogram of which everything took between two bounds. */
const slow = (name: string, labels: string, [from, to]: readonly [number, number]): Series => ({
  [`${name}_bucket${labels.replace('}', `, le="${from}"}`)}`]: '0+0x40',
  [`${name}_bucket${labels.replace('}', `, le="${to}"}`)}`]: '0+6x40',
  [`${name}_bucket${labels.replace('}', ', le="+Inf"}')}`]: '0+6x40',
})

/** Events, and the series that is there from the first of them on; before that, nothing. */
const happens = (series: string): Series => ({ [series]: '_x10 1+0x30' })
/** They were long ago. */
const happened = (series: string): Series => ({ [series]: '3+0x60' })

export const alertCases: Readonly<Record<AlertName, AlertCase>> = {
  PenstockServiceGone: {
    fires: { [`penstock_service_ready${of('translator')}`]: '1+0x10 stale' },
    silent: {
      [`penstock_service_ready${of('translator')}`]: '1+0x40',
      [`penstock_service_ready${second('translator')}`]: '1+0x10 stale',
    },
    at: 20,
  },
  PenstockNobodyReady: {
    fires: {
      [`penstock_service_ready${of('watcher')}`]: '0+0x20',
      [`penstock_service_ready${second('watcher')}`]: '0+0x20',
    },
    silent: {
      [`penstock_service_ready${of('watcher')}`]: '0+0x20',
      [`penstock_service_ready${second('watcher')}`]: '1+0x20',
    },
    at: 5,
  },
  PenstockReplicaNotReady: {
    fires: {
      [`penstock_service_ready${of('watcher')}`]: '0+0x20',
      [`penstock_service_ready${second('watcher')}`]: '1+0x20',
    },
    silent: { [`penstock_service_ready${of('watcher')}`]: '0+0x6 1+0x20' },
    at: 15,
  },
  PenstockRestarts: {
    fires: { [`process_start_time_seconds${of('xds-server')}`]: '0+0x9 600+0x5 960+0x5 1320+0x20' },
    silent: {
      [`process_start_time_seconds${of('xds-server')}`]: '0+0x9 600+0x30',
      'process_start_time_seconds{job="other", pod="p"}': '0+60x40',
    },
    at: 25,
  },
  PenstockMemory: {
    fires: {
      [`process_resident_memory_bytes${of('translator')}`]: '480+0x30',
      'kube_pod_container_resource_limits{namespace="ns", pod="translator-0", container="translator", resource="memory"}':
        '512+0x30',
    },
    silent: {
      [`process_resident_memory_bytes${of('translator')}`]: '200+0x30',
      'kube_pod_container_resource_limits{namespace="ns", pod="translator-0", container="translator", resource="memory"}':
        '512+0x30',
      'kube_pod_container_resource_limits{namespace="ns", pod="translator-0", container="translator", resource="cpu"}':
        '1+0x30',
    },
    at: 15,
  },
  PenstockBusy: {
    fires: { [`nodejs_eventloop_lag_p99_seconds${of('translator')}`]: '0.9+0x30' },
    silent: { [`nodejs_eventloop_lag_p99_seconds${of('translator')}`]: '0.9+0x5 0.01+0x30' },
    at: 15,
  },
  PenstockTokenGuessed: {
    fires: { [`penstock_debug_refusals_total${of('watcher', ', reason="wrong"')}`]: '0+3x30' },
    silent: {
      [`penstock_debug_refusals_total${of('watcher', ', reason="wrong"')}`]: '0+0x10 1+0x20',
      [`penstock_debug_refusals_total${of('watcher', ', reason="closed"')}`]: '0+3x30',
    },
    at: 15,
  },
  PenstockBusDisconnected: {
    fires: { [`penstock_bus_connected${of('xds-server')}`]: '1+0x5 0+0x20' },
    silent: { [`penstock_bus_connected${of('xds-server')}`]: '1+0x8 0+0x1 1+0x20' },
    at: 10,
  },
  PenstockNobodyLeads: {
    fires: {
      [`penstock_bus_leading${of('translator')}`]: '0+0x20',
      [`penstock_bus_leading${second('translator')}`]: '0+0x20',
    },
    silent: {
      [`penstock_bus_leading${of('translator')}`]: '0+0x20',
      [`penstock_bus_leading${second('translator')}`]: '1+0x20',
      // Nobody leads of those who all serve.
      [`penstock_bus_leading${of('xds-server')}`]: '0+0x20',
    },
    at: 5,
  },
  PenstockTwoLead: {
    fires: {
      [`penstock_bus_leading${of('translator')}`]: '1+0x20',
      [`penstock_bus_leading${second('translator')}`]: '1+0x20',
    },
    silent: {
      [`penstock_bus_leading${of('translator')}`]: '1+0x20',
      [`penstock_bus_leading${of('watcher')}`]: '1+0x20',
    },
    at: 5,
  },
  PenstockBusSlow: {
    fires: slow('penstock_bus_commit_seconds', of('watcher', ', channel="resource"'), [0.5, 1]),
    silent: slow('penstock_bus_commit_seconds', of('watcher', ', channel="resource"'), [0.001, 0.002]),
    at: 25,
  },
  PenstockBusRefused: {
    fires: happens(`penstock_bus_faults_total${of('watcher', ', code="bus_refused"')}`),
    silent: {
      ...happened(`penstock_bus_faults_total${of('watcher', ', code="bus_refused"')}`),
      ...happens(`penstock_bus_faults_total${of('watcher', ', code="bus_unreachable"')}`),
    },
    at: 15,
  },
  PenstockCommitHeldBack: {
    fires: { [`penstock_bus_holding_back${of('xds-server', ', channel="ir"')}`]: '1+0x60' },
    // As in a rollback: a reader of the older build starts before a writer of it writes.
    silent: {
      [`penstock_bus_holding_back${of('xds-server', ', channel="ir"')}`]: '0+0x5 1 0+0x60',
      ...happens(`penstock_bus_held_commits_total${of('xds-server', ', channel="ir", reason="schema"')}`),
    },
    // Long after the last edit.
    at: 50,
  },
  PenstockReadersBehind: {
    fires: { [`penstock_bus_readers_behind${of('translator')}`]: '2+0x30' },
    // As long as an upgrade takes.
    silent: { [`penstock_bus_readers_behind${of('translator')}`]: '0+0x5 2+0x3 0+0x30' },
    at: 15,
  },
  PenstockReadersLeftBehind: {
    fires: happens(`penstock_bus_readers_left_behind_total${of('translator')}`),
    silent: happened(`penstock_bus_readers_left_behind_total${of('translator')}`),
    at: 20,
  },
  PenstockRecordRefused: {
    fires: happens(`penstock_bus_refused_records_total${of('watcher', ', channel="resource"')}`),
    silent: happened(`penstock_bus_refused_records_total${of('watcher', ', channel="resource"')}`),
    at: 20,
  },
  PenstockProxyBehind: {
    fires: { [`penstock_delivery_lag_seconds${of('xds-server')}`]: '0+0x5 70+60x20' },
    silent: { [`penstock_delivery_lag_seconds${of('xds-server')}`]: '0.2+0x20' },
    at: 10,
  },
  PenstockEditsSlow: {
    fires: slow('penstock_delivery_acknowledgement_seconds', of('xds-server'), [2, 5]),
    silent: slow('penstock_delivery_acknowledgement_seconds', of('xds-server'), [0.005, 0.01]),
    at: 25,
  },
  PenstockProxyRejects: {
    fires: happens(`penstock_xds_answers_total${of('xds-server', ', type="Listener", result="nack"')}`),
    silent: {
      [`penstock_xds_answers_total${of('xds-server', ', type="Listener", result="ack"')}`]: '0+5x40',
      ...happened(`penstock_xds_answers_total${of('xds-server', ', type="Listener", result="nack"')}`),
    },
    at: 20,
  },
  PenstockProxyRefused: {
    fires: { [`penstock_xds_refused_total${of('xds-server', ', reason="untrusted"')}`]: '_x5 1+1x30' },
    // One that lost its way once.
    silent: { [`penstock_xds_refused_total${of('xds-server', ', reason="handshake"')}`]: '_x20 1+0x30' },
    at: 25,
  },
  PenstockProxySilent: {
    fires: happens(`penstock_xds_cut_streams_total${of('xds-server', ', reason="no_answer"')}`),
    silent: happens(`penstock_xds_cut_streams_total${of('xds-server', ', reason="age"')}`),
    at: 20,
  },
  PenstockServerCertificateExpires: {
    // Minute 0 is the beginning of 1970.
    fires: { [`penstock_xds_certificate_expiry_seconds${of('xds-server')}`]: '2000000+0x120' },
    silent: {
      [`penstock_xds_certificate_expiry_seconds${of('xds-server')}`]: '9000000+0x120',
      // Served in the clear.
      [`penstock_xds_certificate_expiry_seconds${of('agentgateway-server')}`]: '0+0x120',
    },
    at: 90,
  },
  PenstockKeyHeld: {
    fires: {
      [`penstock_translator_held_keys${of('translator')}`]: '2+0x20',
      [`penstock_plane_held_keys${of('xds-server')}`]: '1+0x20',
    },
    silent: {
      [`penstock_translator_held_keys${of('translator')}`]: '0+0x20',
      [`penstock_plane_held_keys${of('xds-server')}`]: '0+0x20',
    },
    at: 5,
    alerts: 2,
  },
  PenstockProxyAlone: {
    fires: { [`envoy_control_plane_connected_state${envoy()}`]: '0+0x20' },
    silent: {
      [`envoy_control_plane_connected_state${envoy()}`]: '1+0x20',
      'envoy_control_plane_connected_state{job="mesh"}': '0+0x20',
    },
    at: 10,
  },
  PenstockProxyErrors: {
    fires: {
      [`envoy_http_downstream_rq_xx${envoy(', envoy_http_conn_manager_prefix="http-80", envoy_response_code_class="5"')}`]:
        '0+60x40',
      [`envoy_http_downstream_rq_xx${envoy(', envoy_http_conn_manager_prefix="http-80", envoy_response_code_class="2"')}`]:
        '0+60x40',
    },
    silent: {
      [`envoy_http_downstream_rq_xx${envoy(', envoy_http_conn_manager_prefix="http-80", envoy_response_code_class="5"')}`]:
        '0+1x40',
      [`envoy_http_downstream_rq_xx${envoy(', envoy_http_conn_manager_prefix="http-80", envoy_response_code_class="2"')}`]:
        '0+60x40',
      // Of its probes: it is starting.
      [`envoy_http_downstream_rq_xx${envoy(', envoy_http_conn_manager_prefix="penstock-ready", envoy_response_code_class="5"')}`]:
        '0+60x40',
    },
    at: 25,
  },
  PenstockKubernetesForbids: {
    fires: happens(`penstock_kube_faults_total${of('watcher', ', code="kube_forbidden"')}`),
    silent: {
      ...happened(`penstock_kube_faults_total${of('watcher', ', code="kube_forbidden"')}`),
      ...happens(`penstock_kube_faults_total${of('watcher', ', code="kube_expired"')}`),
    },
    at: 20,
  },
  PenstockKubernetesAway: {
    fires: { [`penstock_kube_faults_total${of('watcher', ', code="kube_unreachable"')}`]: '0+0x5 1+2x30' },
    silent: { [`penstock_kube_faults_total${of('watcher', ', code="kube_unreachable"')}`]: '0+0x10 2+0x30' },
    at: 20,
  },
  PenstockWriteRefused: {
    fires: happens(
      `penstock_kube_writes_total${of('infra-manager', ', kind="Deployment", verb="apply", result="refused"')}`,
    ),
    silent: happens(
      `penstock_kube_writes_total${of('infra-manager', ', kind="Deployment", verb="apply", result="written"')}`,
    ),
    at: 20,
  },
  PenstockStatusFight: {
    fires: { [`penstock_status_overwritten_total${of('status-reporter', ', kind="Gateway"')}`]: '0+1x30' },
    silent: { [`penstock_status_overwritten_total${of('status-reporter', ', kind="Gateway"')}`]: '0+0x10 1+0x30' },
    at: 20,
  },
}
