// The few shapes of a query that alerts and dashboards are made of.

/** Of the metrics of our services: which service of which installation, whatever the replica. */
export const byService = 'namespace, job'

/** What ServiceMonitors call our services. */
export const ourJobs = 'job=~"penstock/.+"'

/** Services of which one leads at a time. */
export const leaderJobs = 'job=~"penstock/(watcher|translator|status-reporter|infra-manager)"'

/**
 * That a counter grew within the window, by labels. A counter with labels is there from its first event on, which
 * `increase` does not see: so what is there now and was not then counts too.
 */
export const grew = (counter: string, window: string, by: string): string =>
  `sum by (${by}) (increase(${counter}[${window}])) > 0 or sum by (${by}) (${counter} unless ${counter} offset ${window}) > 0`

/** Of a histogram. */
export const quantile = (share: number, histogram: string, by: string, window = '5m'): string =>
  `histogram_quantile(${share}, sum by (${by === '' ? 'le' : `${by}, le`}) (rate(${bucketOf(histogram)}[${window}])))`

/** `name{…}` and `name` alike. */
const bucketOf = (histogram: string): string => histogram.replace(/^(\w+)/, '$1_bucket')

/** Of a dashboard: the namespaces that its reader chose, and Grafana's own choice of a window. */
export const here = 'namespace=~"$namespace"'
export const window = '$__rate_interval'

/** Events a second, of a counter on a dashboard. */
export const rate = (counter: string, by: string, more = ''): string =>
  `sum by (${by}) (rate(${counter}{${here}${more}}[${window}]))`
