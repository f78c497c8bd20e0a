// The port for those who cannot reach the admin port on loopback: the kubelet asks whether the first configuration is
// whole, and to drain before the proxy is ended; Prometheus asks what is counted.
import { adminCluster, type DrainOptions, drainFilters, drainRoutes } from './drain.ts'

export interface ReadyOptions {
  readonly port: number
  readonly drain: DrainOptions | undefined
}

export function readyListener({ port, drain }: ReadyOptions) {
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
  }
  const routes = [
    { match: { path: '/ready' }, route: { cluster: adminCluster } },
    {
      match: { path: '/metrics', headers: [{ name: ':path', string_match: { safe_regex: { regex: askedFor } } }] },
      route: { cluster: adminCluster, prefix_rewrite: '/stats/prometheus', timeout: '10s' },
    },
    ...(drain ? drainRoutes(drain) : []),
  ]
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: name,
    request_headers_timeout: '10s',
    common_http_protocol_options: { idle_timeout: '60s' },
    // A drain is answered when it is over.
    stream_idle_timeout: `${(drain?.longestSeconds ?? 0) + 60}s`,
    route_config: { virtual_hosts: [{ name: 'ready', domains: ['*'], routes }] },
    http_filters: [...(drain ? drainFilters : []), router],
  }
  return {
    name,
    // Its statistics are told from those of the listeners of users, which go by their address.
    stat_prefix: name,
    address: { socket_address: { address: '0.0.0.0', port_value: port } },
    // Nothing that users send counts against it, and it answers under overload too.
    bypass_overload_manager: true,
    filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
  }
}

const name = 'penstock-ready'

/** The answer is made by the thread that configures the proxy: nobody outside says what it looks for (`?filter=`). */
const askedFor = '/metrics([?]usedonly=?)?'
