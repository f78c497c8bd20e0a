// The servers of proxies, and what each of our processes takes.
import type { Dashboard } from './dashboard.ts'
import { here, ourJobs, quantile, rate, window } from './promql.ts'

const ofOurs = (metric: string): string => `${metric}{${here}, ${ourJobs}}`

export const servers: Dashboard = {
  uid: 'penstock-servers',
  title: 'Penstock / servers of proxies',
  description: 'What xds-servers and agentgateway-servers send, and what proxies answer.',
  namespacesOf: 'penstock_xds_streams',
  rows: {
    Sending: [
      {
        title: 'Responses',
        description: 'By type of resource.',
        queries: [{ expr: rate('penstock_xds_responses_total', 'type'), legend: '{{type}}' }],
        unit: 'ops',
      },
      {
        title: 'Resources',
        description: 'Resources and removals sent.',
        queries: [{ expr: rate('penstock_xds_resources_total', 'type'), legend: '{{type}}' }],
        unit: 'ops',
      },
      {
        title: 'Bytes',
        description: 'An edit of a route sends one table to each proxy of its fleet, whatever their number of routes.',
        queries: [{ expr: rate('penstock_xds_sent_bytes_total', 'type'), legend: '{{type}}' }],
        unit: 'Bps',
      },
      {
        title: 'Time of an answer',
        description: 'From a response to the answer of the proxy, the slowest of a hundred.',
        queries: [{ expr: quantile(0.99, `penstock_xds_answer_ms{${here}}`, 'type', window), legend: '{{type}}' }],
        unit: 'ms',
        emptyWhen: 'nothing was sent',
      },
    ],
    'Answers and ends': [
      {
        title: 'Answers',
        description: '`ack` takes it, `nack` rejects it, `stale` is of a response that another has replaced.',
        queries: [{ expr: rate('penstock_xds_answers_total', 'result'), legend: '{{result}}' }],
        unit: 'ops',
      },
      {
        title: 'Streams that the server ended',
        description: 'By age or leaving: as it should be. By no_answer or expired: see docs/troubleshooting.md.',
        queries: [{ expr: rate('penstock_xds_cut_streams_total', 'reason'), legend: '{{reason}}' }],
        unit: 'ops',
        emptyWhen: 'none was ended',
      },
      {
        title: 'Keys computed',
        description: 'By collection of the plane: in proportion to what changed.',
        queries: [{ expr: rate('penstock_plane_recomputed_keys', 'collection'), legend: '{{collection}}' }],
        unit: 'ops',
        emptyWhen: 'no proxy is connected',
      },
      {
        title: 'Until the certificate ends',
        description: 'Of the certificate that proxies are shown. It is renewed long before.',
        queries: [
          {
            expr: `min by (job) (penstock_xds_certificate_expiry_seconds{${here}} > 0) - time()`,
            legend: '{{job}}',
          },
        ],
        ...{ unit: 'dtdurations', shows: 'numbers', emptyWhen: 'proxies are served in the clear' },
      },
    ],
  },
}

export const processes: Dashboard = {
  uid: 'penstock-services',
  title: 'Penstock / services',
  description: 'What each process takes, what is computed, and what is asked of Kubernetes.',
  namespacesOf: 'penstock_service_ready',
  rows: {
    Processes: [
      {
        title: 'Memory',
        description: 'Resident, of each replica.',
        queries: [{ expr: ofOurs('process_resident_memory_bytes'), legend: '{{pod}}' }],
        unit: 'bytes',
      },
      {
        title: 'Heap',
        description: 'In use, of each replica: a leak climbs here from one collection to the next.',
        queries: [{ expr: ofOurs('nodejs_heap_size_used_bytes'), legend: '{{pod}}' }],
        unit: 'bytes',
      },
      {
        title: 'Processor time',
        description: 'Cores in use, of each replica.',
        queries: [{ expr: `rate(${ofOurs('process_cpu_seconds_total')}[${window}])`, legend: '{{pod}}' }],
        unit: 'short',
      },
      {
        title: 'Lag of the event loop',
        description: 'How late a replica is for what it should do now, the worst of a hundred.',
        queries: [{ expr: ofOurs('nodejs_eventloop_lag_p99_seconds'), legend: '{{pod}}' }],
        unit: 's',
      },
      {
        title: 'Garbage collection',
        description: 'Share of the time.',
        queries: [
          {
            expr: `sum by (pod) (rate(${ofOurs('nodejs_gc_duration_seconds_sum')}[${window}]))`,
            legend: '{{pod}}',
          },
        ],
        unit: 'percentunit',
      },
      {
        title: 'Age',
        description: 'Since the process started.',
        queries: [{ expr: `time() - ${ofOurs('process_start_time_seconds')}`, legend: '{{pod}}' }],
        unit: 'dtdurations',
      },
    ],
    Translation: [
      {
        title: 'Time of a round',
        description: 'From a commit of RESOURCE to what comes of it.',
        queries: [0.5, 0.99].map((share) => ({
          expr: quantile(share, `penstock_translator_round_ms{${here}}`, '', window),
          legend: `${share * 100} %`,
        })),
        unit: 'ms',
        emptyWhen: 'nothing was edited',
      },
      {
        title: 'Keys computed',
        description: 'By collection: in proportion to what changed.',
        queries: [{ expr: rate('penstock_translator_recomputed_keys', 'collection'), legend: '{{collection}}' }],
        unit: 'ops',
      },
      {
        title: 'Elements read',
        description: 'Of lists and lookups.',
        queries: [{ expr: rate('penstock_translator_read_elements', 'job'), legend: '{{job}}' }],
        unit: 'ops',
      },
    ],
    Kubernetes: [
      {
        title: 'Objects known',
        description: 'By kind, of the replica that knows the most.',
        queries: [{ expr: `max by (job, kind) (penstock_kube_objects{${here}})`, legend: '{{job}} {{kind}}' }],
        unit: 'short',
        emptyWhen: 'resources come from a folder',
      },
      {
        title: 'Whole lists read',
        description: 'At the start, and when a watch could not be taken up again.',
        queries: [{ expr: rate('penstock_kube_lists_total', 'job, kind'), legend: '{{job}} {{kind}}' }],
        unit: 'ops',
        emptyWhen: 'resources come from a folder',
      },
      {
        title: 'Writes',
        description: '`unchanged` is what was so already; `refused` what the API server does not take.',
        queries: [{ expr: rate('penstock_kube_writes_total', 'kind, result'), legend: '{{kind}} {{result}}' }],
        unit: 'ops',
        emptyWhen: 'nothing was written, or resources come from a folder',
      },
      {
        title: 'Watches that ended',
        description: 'By reason; the API server ends each after some minutes (`in_order`).',
        queries: [{ expr: rate('penstock_kube_watches_total', 'job, reason'), legend: '{{job}} {{reason}}' }],
        unit: 'ops',
        emptyWhen: 'none has ended yet, or resources come from a folder',
      },
    ],
    Statuses: [
      {
        title: 'Statuses written',
        description: 'By kind.',
        queries: [{ expr: rate('penstock_status_writes_total', 'kind'), legend: '{{kind}}' }],
        unit: 'ops',
      },
      {
        title: 'Statuses that somebody else changed',
        description: 'By kind; a second installation with the same controllerName does this.',
        queries: [{ expr: rate('penstock_status_overwritten_total', 'kind'), legend: '{{kind}}' }],
        unit: 'ops',
        emptyWhen: 'nobody did',
      },
      {
        title: 'Debug pages refused',
        description: 'Who asked for a debug page without the right token.',
        queries: [{ expr: rate('penstock_debug_refusals_total', 'job, reason'), legend: '{{job}} {{reason}}' }],
        unit: 'ops',
        emptyWhen: 'nobody did',
      },
    ],
  },
}
