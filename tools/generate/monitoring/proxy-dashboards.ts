// The Envoys of Gateways: what their users get. Labels: of each pod its namespace and Gateway.
import type { Dashboard } from './dashboard.ts'
import { quantile, window } from './promql.ts'

const here = 'namespace=~"$namespace", job="penstock/proxy"'
/** Of the listeners of users; the port of the probes has another prefix. */
const users = `${here}, envoy_http_conn_manager_prefix=~"http-.+"`
/** Clusters that Penstock itself needs begin with its name. */
const backends = `${here}, envoy_cluster_name!~"penstock-.+"`
const ofGateway = 'namespace, gateway'
const legend = '{{namespace}}/{{gateway}}'
const rate = (counter: string, labels: string, by = ofGateway): string =>
  `sum by (${by}) (rate(${counter}{${labels}}[${window}]))`

export const proxies: Dashboard = {
  uid: 'penstock-proxies',
  title: 'Penstock / Envoys',
  description: 'What the users of each Gateway get.',
  namespacesOf: 'envoy_server_live',
  rows: {
    Requests: [
      {
        title: 'Requests',
        description: 'Of each Gateway.',
        queries: [{ expr: rate('envoy_http_downstream_rq_total', users), legend }],
        unit: 'ops',
      },
      {
        title: 'Answers',
        description: 'By class of the status.',
        queries: [
          {
            expr: rate('envoy_http_downstream_rq_xx', users, 'envoy_response_code_class'),
            legend: '{{envoy_response_code_class}}xx',
          },
        ],
        unit: 'ops',
      },
      {
        title: 'Share of 5xx',
        description: 'Of the answers of each Gateway.',
        queries: [
          {
            expr:
              `${rate('envoy_http_downstream_rq_xx', `${users}, envoy_response_code_class="5"`)} / ` +
              rate('envoy_http_downstream_rq_xx', users),
            legend,
          },
        ],
        unit: 'percentunit',
        emptyWhen: 'there was no such answer',
      },
      {
        title: 'Time of a request',
        description: 'The slowest of a hundred, of each Gateway, backends included.',
        queries: [{ expr: quantile(0.99, `envoy_http_downstream_rq_time{${users}}`, ofGateway, window), legend }],
        unit: 'ms',
        emptyWhen: 'there was no request',
      },
    ],
    Backends: [
      {
        title: 'Failing backends',
        description: 'Those with the most 5xx.',
        queries: [
          {
            expr: `topk(10, ${rate('envoy_cluster_upstream_rq_xx', `${backends}, envoy_response_code_class="5"`, 'envoy_cluster_name')} > 0)`,
            legend: '{{envoy_cluster_name}}',
          },
        ],
        unit: 'ops',
        emptyWhen: 'none failed',
      },
      {
        title: 'Connections that failed',
        description: 'To backends: nobody listens, or the network is not there.',
        queries: [
          {
            expr: `topk(10, ${rate('envoy_cluster_upstream_cx_connect_fail', backends, 'envoy_cluster_name')} > 0)`,
            legend: '{{envoy_cluster_name}}',
          },
        ],
        unit: 'ops',
        emptyWhen: 'none failed',
      },
      {
        title: 'Backends without an endpoint',
        description: 'Their requests are answered with 503.',
        queries: [
          {
            expr: `count by (${ofGateway}) (envoy_cluster_membership_healthy{${backends}} == 0)`,
            legend,
          },
        ],
        unit: 'short',
        emptyWhen: 'all have one',
      },
      {
        title: 'Busiest backends',
        description: 'By answers.',
        queries: [
          {
            expr: `topk(10, ${rate('envoy_cluster_upstream_rq_xx', backends, 'envoy_cluster_name')})`,
            legend: '{{envoy_cluster_name}}',
          },
        ],
        unit: 'ops',
      },
    ],
    Proxies: [
      {
        title: 'Connections of clients',
        description: 'Open now.',
        queries: [{ expr: `sum by (${ofGateway}) (envoy_http_downstream_cx_active{${users}})`, legend }],
        unit: 'short',
      },
      {
        title: 'Proxies with a server',
        description: 'Connected to an xds-server; one that is not goes on with what it has.',
        queries: [{ expr: `sum by (${ofGateway}) (envoy_control_plane_connected_state{${here}})`, legend }],
        unit: 'short',
      },
      {
        title: 'Memory',
        description: 'Allocated, of each proxy.',
        queries: [{ expr: `envoy_server_memory_allocated{${here}}`, legend: '{{pod}}' }],
        unit: 'bytes',
      },
      {
        title: 'Rejected configuration',
        description: 'Updates of listeners and clusters that an Envoy rejected.',
        queries: [
          { expr: rate('envoy_listener_manager_lds_update_rejected', here), legend: `listeners of ${legend}` },
          { expr: rate('envoy_cluster_manager_cds_update_rejected', here), legend: `clusters of ${legend}` },
        ],
        unit: 'ops',
      },
    ],
  },
}
