// One cluster for each backend record; its endpoints come by EDS, so a pod that comes or goes changes no cluster.
import { type Backend, BackendProtocol } from '@penstock/ir'
import { packAny } from './any.ts'
import { emitUpstreamTls, trustOf } from './backend-tls.ts'
import { byAds } from './config-source.ts'
import { Cluster, Cluster_DiscoveryType, Cluster_LbPolicy } from './gen/envoy/config/cluster/v3/cluster.ts'
import { HttpProtocolOptions } from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts'
import type { Any } from './gen/google/protobuf/any.ts'
import { encodeResource, type Resource } from './resource.ts'

type KnownProtocol = Exclude<BackendProtocol, -1>
type DiscoveryCase = NonNullable<Backend['discovery']>['$case']

const http2 = packAny('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', HttpProtocolOptions, {
  upstreamProtocolOptions: {
    $case: 'explicitHttpConfig',
    value: { protocolConfig: { $case: 'http2ProtocolOptions', value: {} } },
  },
})

const protocolOptions = (options: Any): Cluster['typedExtensionProtocolOptions'] => ({
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': options,
})

/** For a cluster that speaks HTTP/2, in the clear. */
export const http2Options = protocolOptions(http2)

/** HTTP/1.1 is Envoy's default. */
export const backendProtocols: { readonly [P in KnownProtocol]: Any | undefined } = {
  [BackendProtocol.BACKEND_PROTOCOL_HTTP1]: undefined,
  [BackendProtocol.BACKEND_PROTOCOL_H2C]: http2,
}

const applicationProtocols: { readonly [P in KnownProtocol]: string } = {
  [BackendProtocol.BACKEND_PROTOCOL_HTTP1]: 'http/1.1',
  [BackendProtocol.BACKEND_PROTOCOL_H2C]: 'h2',
}

const discoveries: { readonly [C in DiscoveryCase]: Cluster } = {
  service: {
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: byAds },
  },
  // Without an endpoint every request gets 503.
  closed: { clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.STATIC } },
}

interface ClusterContext {
  /** The name of the secret that holds the certificate to show. */
  readonly certificate: string | undefined
  /** Whether a secret of this name is there to be asked for. */
  hasSecret(name: string): boolean
}

/** `name` is the record's key, as routes give it. */
export function emitCluster(name: string, { discovery, protocol, tls }: Backend, context: ClusterContext): Resource {
  if (discovery === undefined) throw new Error('a backend without a discovery: of a newer schema')
  if (protocol === BackendProtocol.UNRECOGNIZED) throw new Error('a backend protocol of a newer schema')
  const options = backendProtocols[protocol]
  const { certificate, hasSecret } = context
  const trust = tls && trustOf(tls)
  const shown = certificate !== undefined && hasSecret(certificate) ? certificate : undefined
  // A cluster that waits for a secret that does not exist would hold up the whole proxy.
  const isClosed = trust !== undefined && !hasSecret(trust)
  return encodeResource(Cluster, {
    name,
    ...discoveries[isClosed ? 'closed' : discovery.$case],
    ...(tls === undefined || isClosed
      ? {}
      : { transportSocket: emitUpstreamTls(tls, shown, [applicationProtocols[protocol]]) }),
    lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
    connectTimeout: { seconds: 5n },
    circuitBreakers: { thresholds: [unlimited] },
    ...(options === undefined ? {} : { typedExtensionProtocolOptions: protocolOptions(options) }),
  })
}

// Envoy would answer 503 beyond 1,024 requests at a time, a limit that nobody asked for.
const most = 0xffffffff
const unlimited = { maxConnections: most, maxPendingRequests: most, maxRequests: most, maxRetries: most }
