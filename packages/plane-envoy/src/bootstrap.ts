// What an Envoy is started with: who it is, where its configuration comes from, and what no resource can say. As plain
// JSON, which Envoy reads as it is.
import { adminCluster, type DrainOptions, pauseCluster } from './drain.ts'
import { type IdentityOptions, identitySocket } from './identity.ts'
import { readyListener } from './ready-listener.ts'

export { drainPath } from './drain.ts'
export { secretFiles } from './identity.ts'

/** In the metadata of a node. */
export const listenAddressField = 'penstock.dev/listen-address'

export interface BootstrapOptions {
  readonly fleet: string
  /** Unique among the fleet's proxies. */
  readonly node: string
  /** The servers of this fleet; any of them will do, and one that is gone is replaced by the next. */
  readonly xds: readonly { readonly host: string; readonly port: number }[]
  /** On loopback; 0: any free port, which Envoy writes to the file of `--admin-address-path`. */
  readonly adminPort: number
  /** What its listeners bind to: all IPv4 addresses when left out. */
  readonly listenAddress?: string
  /** On every address: `/ready` answers 200 once the first configuration is whole, `/metrics` as Prometheus asks; unset: no such port. */
  readonly readyPort?: number
  /** How it is asked, at that port, to end well. */
  readonly drain?: DrainOptions
  /** Who it is to its servers; left out: they are asked in the clear. */
  readonly identity?: IdentityOptions
}

export function createBootstrap(options: BootstrapOptions) {
  const { fleet, node, xds, adminPort, readyPort, drain, identity, listenAddress } = options
  const metadata = listenAddress === undefined ? {} : { metadata: { [listenAddressField]: listenAddress } }
  return {
    node: { id: node, cluster: fleet, ...metadata },
    admin: { address: socketAddress('127.0.0.1', adminPort) },
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: serverCluster, retry_policy: reconnect } }],
      },
      // A proxy that starts while its server is away waits; it never starts empty.
      lds_config: adsWithoutDeadline,
      cds_config: adsWithoutDeadline,
    },
    static_resources: {
      ...(readyPort === undefined ? {} : { listeners: [readyListener({ port: readyPort, drain })] }),
      clusters: [
        xdsCluster(xds, identity),
        ...(readyPort === undefined ? [] : [loopbackCluster(adminCluster, adminPort)]),
        ...(readyPort === undefined || drain === undefined ? [] : [loopbackCluster(pauseCluster, readyPort)]),
      ],
    },
    layered_runtime: { layers: [{ name: 'penstock', static_layer: runtime }] },
    overload_manager: overloadManager,
    // Most clusters of a large fleet see no traffic; their statistics are made with their first request.
    deferred_stat_options: { enable_deferred_creation_stats: true },
  }
}

const serverCluster = 'penstock-xds'
const adsWithoutDeadline = { ads: {}, resource_api_version: 'V3', initial_fetch_timeout: '0s' }

// Envoy's default would wait up to 30 s once a server is back.
const reconnect = { retry_back_off: { base_interval: '0.25s', max_interval: '5s' } }

const socketAddress = (address: string, port: number) => ({ socket_address: { address, port_value: port } })

function xdsCluster(servers: BootstrapOptions['xds'], identity: IdentityOptions | undefined) {
  return {
    name: serverCluster,
    ...(identity === undefined ? {} : { transport_socket: identitySocket(identity) }),
    type: 'STRICT_DNS',
    // "localhost" would be ::1 alone, where a server on 127.0.0.1 does not listen.
    dns_lookup_family: 'V4_PREFERRED',
    connect_timeout: '2s',
    // A server that is gone without a word is noticed, and another replica found.
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '10s', timeout: '5s' } } },
      },
    },
    load_assignment: {
      cluster_name: serverCluster,
      endpoints: [
        { lb_endpoints: servers.map(({ host, port }) => ({ endpoint: { address: socketAddress(host, port) } })) },
      ],
    },
  }
}

/** Of an address of loopback, plain. */
function loopbackCluster(name: string, port: number) {
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress('127.0.0.1', port) } }] }],
    },
  }
}

const runtime = {
  // Envoy would refuse regular expressions of a common length; RE2 is linear in time whatever their size.
  're2.max_program_size.error_level': 4_294_967_295,
  're2.max_program_size.warn_level': 1_000,
}

const overloadManager = {
  resource_monitors: [
    {
      name: 'envoy.resource_monitors.global_downstream_max_connections',
      typed_config: {
        '@type':
          'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
        max_active_downstream_connections: 50_000,
      },
    },
  ],
}
