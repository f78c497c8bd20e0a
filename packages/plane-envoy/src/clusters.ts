// One cluster for each backend record; its endpoints come by EDS, so a pod that comes or goes changes no cluster.
import { type Backend, BackendProtocol } from '@penstock/ir'
import { packAny } from './any.ts'
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

/** HTTP/1.1 is Envoy's default. */
export const backendProtocols: { readonly [P in KnownProtocol]: Any | undefined } = {
  [BackendProtocol.BACKEND_PROTOCOL_HTTP1]: undefined,
  [BackendProtocol.BACKEND_PROTOCOL_H2C]: http2,
}

const discoveries: { readonly [C in DiscoveryCase]: Cluster } = {
  service: {
    clusterDiscoveryType: { $case: 'type', value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { edsConfig: byAds },
  },
}

/** `name` is the record's key, as routes give it. */
export function emitCluster(name: string, { discovery, protocol }: Backend): Resource {
  if (discovery === undefined) throw new Error('a backend without a discovery: of a newer schema')
  if (protocol === BackendProtocol.UNRECOGNIZED) throw new Error('a backend protocol of a newer schema')
  const options = backendProtocols[protocol]
  return encodeResource(Cluster, {
    name,
    ...discoveries[discovery.$case],
    lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
    connectTimeout: { seconds: 5n },
    circuitBreakers: { thresholds: [unlimited] },
    ...(options === undefined ? {} : { typedExtensionProtocolOptions: { [optionsName]: options } }),
  })
}

const optionsName = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'

// Envoy would answer 503 beyond 1,024 requests at a time, a limit that nobody asked for.
const most = 0xffffffff
const unlimited = { maxConnections: most, maxPendingRequests: most, maxRequests: most, maxRetries: most }
