// What an operator looks at first: is it well, how fast is an edit live, who is behind; then NATS as our services see it.
import type { Dashboard } from './dashboard.ts'
import { here, leaderJobs, quantile, rate, window } from './promql.ts'

const acknowledged = `penstock_delivery_acknowledgement_seconds{${here}}`

export const overview: Dashboard = {
  uid: 'penstock-overview',
  title: 'Penstock',
  description: 'Whether it is well, and how long an edit takes to be live.',
  namespacesOf: 'penstock_service_ready',
  rows: {
    'Is it well?': [
      {
        title: 'Replicas ready',
        description: 'Of each service. One that is not says why at /readyz of its admin port.',
        queries: [{ expr: `sum by (job) (penstock_service_ready{${here}})`, legend: '{{job}}' }],
        ...{ unit: 'short', shows: 'numbers' },
      },
      {
        title: 'Leaders',
        description: 'Exactly one of each service that has one.',
        queries: [{ expr: `sum by (job) (penstock_bus_leading{${here}, ${leaderJobs}})`, legend: '{{job}}' }],
        ...{ unit: 'short', shows: 'numbers' },
      },
      {
        title: 'Without NATS',
        description: 'Replicas that have no connection to NATS; 0 is well.',
        queries: [{ expr: `sum by (job) (1 - penstock_bus_connected{${here}})`, legend: '{{job}}' }],
        ...{ unit: 'short', shows: 'numbers' },
      },
      {
        title: 'Held',
        description: 'Keys that cannot be computed, which is a bug of ours; 0 is well.',
        queries: [
          { expr: `sum by (job) (penstock_translator_held_keys{${here}})`, legend: '{{job}}' },
          { expr: `sum by (job) (penstock_plane_held_keys{${here}})`, legend: '{{job}}' },
        ],
        ...{ unit: 'short', shows: 'numbers' },
      },
    ],
    'How fast is an edit live?': [
      {
        title: 'From an edit to each proxy',
        description: 'From the moment that a change was seen to the acknowledgement of each connected proxy.',
        queries: [0.5, 0.9, 0.99].map((share) => ({
          expr: quantile(share, acknowledged, '', window),
          legend: `${share * 100} %`,
        })),
        unit: 's',
        emptyWhen: 'nothing was edited',
      },
      {
        title: 'Furthest behind',
        description: 'How long the proxy furthest behind has lacked a change; 0 when all have everything.',
        queries: [{ expr: `max by (job) (penstock_delivery_lag_seconds{${here}})`, legend: '{{job}}' }],
        unit: 's',
      },
      {
        title: 'Fleets behind',
        description: 'Those that lack a change for more than a second.',
        queries: [{ expr: `max by (fleet) (penstock_delivery_fleet_lag_seconds{${here}})`, legend: '{{fleet}}' }],
        unit: 's',
        emptyWhen: 'no fleet is behind',
      },
      {
        title: 'Proxies behind',
        description: 'Proxies that lack a change.',
        queries: [{ expr: `sum by (job) (penstock_delivery_lagging_proxies{${here}})`, legend: '{{job}}' }],
        unit: 'short',
      },
    ],
    'What do proxies say?': [
      {
        title: 'Streams',
        description: 'Open streams of proxies: one for each proxy, at one replica or another.',
        queries: [{ expr: `sum by (job, pod) (penstock_xds_streams{${here}})`, legend: '{{job}} {{pod}}' }],
        unit: 'short',
      },
      {
        title: 'Rejected',
        description: 'Answers of proxies that reject what they were sent. The status of the object has their words.',
        queries: [{ expr: rate('penstock_xds_answers_total', 'type', ', result="nack"'), legend: '{{type}}' }],
        unit: 'ops',
        emptyWhen: 'no proxy has rejected anything',
      },
      {
        title: 'Not let in',
        description: 'Connections, streams and requests that servers refused, by reason.',
        queries: [{ expr: rate('penstock_xds_refused_total', 'reason'), legend: '{{reason}}' }],
        unit: 'ops',
        emptyWhen: 'everyone was let in',
      },
      {
        title: 'Outages',
        description: 'Faults of NATS and of the API server, by code: docs/reference/faults.md says what each means.',
        queries: [
          { expr: rate('penstock_bus_faults_total', 'job, code'), legend: '{{job}} {{code}}' },
          { expr: rate('penstock_kube_faults_total', 'job, code'), legend: '{{job}} {{code}}' },
        ],
        unit: 'ops',
        emptyWhen: 'there was none',
      },
    ],
  },
}

export const bus: Dashboard = {
  uid: 'penstock-bus',
  title: 'Penstock / bus',
  description: 'NATS as our services see it: what they write and read, and how long it takes.',
  namespacesOf: 'penstock_bus_connected',
  rows: {
    Writing: [
      {
        title: 'Commits',
        description: 'Commits published, by channel.',
        queries: [{ expr: rate('penstock_bus_commits_total', 'channel'), legend: '{{channel}}' }],
        unit: 'ops',
      },
      {
        title: 'Records',
        description: 'Records written or removed, by channel: in proportion to what changed.',
        queries: [{ expr: rate('penstock_bus_published_records_total', 'channel'), legend: '{{channel}}' }],
        unit: 'ops',
      },
      {
        title: 'Bytes',
        description: 'Bytes of records written, by channel.',
        queries: [{ expr: rate('penstock_bus_published_bytes_total', 'channel'), legend: '{{channel}}' }],
        unit: 'Bps',
      },
      {
        title: 'Time of a commit',
        description: 'From sending a commit to its acknowledgement, the slowest of a hundred: mostly the disk of NATS.',
        queries: [
          { expr: quantile(0.99, `penstock_bus_commit_seconds{${here}}`, 'channel', window), legend: '{{channel}}' },
        ],
        unit: 's',
        emptyWhen: 'nothing was written',
      },
    ],
    Reading: [
      {
        title: 'Commits applied',
        description: 'By channel and service.',
        queries: [{ expr: rate('penstock_bus_applied_commits_total', 'job, channel'), legend: '{{job}} {{channel}}' }],
        unit: 'ops',
      },
      {
        title: 'Delay of a change',
        description: 'From the oldest change of a commit to the service that follows, the slowest of a hundred.',
        queries: [
          {
            expr: quantile(0.99, `penstock_bus_change_delay_seconds{${here}}`, 'job, channel', window),
            legend: '{{job}} {{channel}}',
          },
        ],
        unit: 's',
        emptyWhen: 'nothing was edited',
      },
      {
        title: 'Full reads',
        description: 'A service read a channel from its beginning: at its start, and when it had lost the thread.',
        queries: [{ expr: rate('penstock_bus_resets_total', 'job, channel'), legend: '{{job}} {{channel}}' }],
        unit: 'ops',
      },
      {
        title: 'Deliveries set up again',
        description: 'By reason; many of them mean that NATS or the network is not well.',
        queries: [{ expr: rate('penstock_bus_broken_tails_total', 'reason'), legend: '{{reason}}' }],
        unit: 'ops',
        emptyWhen: 'none broke',
      },
    ],
    'What must not be': [
      {
        title: 'Held back',
        description: 'Commits that a service cannot read: of a newer build (schema), or damaged (unreadable).',
        queries: [
          {
            expr: rate('penstock_bus_held_commits_total', 'job, channel, reason'),
            legend: '{{job}} {{channel}} {{reason}}',
          },
        ],
        unit: 'ops',
        emptyWhen: 'all can be read',
      },
      {
        title: 'Holding back',
        description:
          'Pods that cannot read the newest commit of a channel: the last state that they could stays in force.',
        queries: [
          { expr: `sum by (job, channel) (penstock_bus_holding_back{${here}})`, legend: '{{job}} {{channel}}' },
        ],
        unit: 'short',
        emptyWhen: 'all can be read',
      },
      {
        title: 'Records refused',
        description: 'Records over the size limit, or that cannot be encoded.',
        queries: [{ expr: rate('penstock_bus_refused_records_total', 'channel'), legend: '{{channel}}' }],
        unit: 'ops',
        emptyWhen: 'all were written',
      },
      {
        title: 'Commits refused',
        description: 'A writer that had lost its lease was kept from writing: as it should be.',
        queries: [{ expr: rate('penstock_bus_refused_commits_total', 'job, channel'), legend: '{{job}} {{channel}}' }],
        unit: 'ops',
        emptyWhen: 'no writer was stale',
      },
      {
        title: 'Readers waited for',
        description: 'During an upgrade a newer writer does not lead while readers live that could not read it.',
        queries: [{ expr: `max by (job) (penstock_bus_readers_behind{${here}})`, legend: '{{job}}' }],
        unit: 'short',
      },
      {
        title: 'Comparisons',
        description:
          'A writer compared its whole stream with what should be there: on every connect, and on a slow timer.',
        queries: [{ expr: rate('penstock_bus_resyncs_total', 'job, channel'), legend: '{{job}} {{channel}}' }],
        unit: 'ops',
      },
    ],
  },
}
