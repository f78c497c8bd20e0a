// A service for each Service that routes lead to, with those of its ports that they use. What is behind it comes as
// workloads, so a pod that comes or goes changes no service.
import { type Backend, BackendProtocol } from '@penstock/ir'
import { AppProtocol } from './gen/agentgateway/workload.ts'
import { encodeAddress, type Resource } from './resource.ts'
import { serviceOf, unavailable } from './resource-name.ts'

type KnownProtocol = Exclude<BackendProtocol, -1>

export const backendProtocols: { readonly [P in KnownProtocol]: AppProtocol } = {
  [BackendProtocol.BACKEND_PROTOCOL_HTTP1]: AppProtocol.APP_PROTOCOL_HTTP11,
  [BackendProtocol.BACKEND_PROTOCOL_H2C]: AppProtocol.APP_PROTOCOL_HTTP2,
}

/** `backends`: of one Service, a port may come several times. */
export function emitService(backends: readonly Backend[]): Resource {
  const [first] = backends
  if (first === undefined) throw new Error('a service without a backend')
  const ports = new Map<number, AppProtocol>()
  for (const { port, protocol, variant } of backends) {
    if (protocol === BackendProtocol.UNRECOGNIZED) throw new Error('a backend protocol of a newer schema')
    // What plain HTTP needs; gRPC says itself what it needs (forwarding.ts).
    if (variant === '' || !ports.has(port)) ports.set(port, backendProtocols[protocol])
  }
  return encodeAddress({
    $case: 'service',
    value: {
      name: first.name,
      ...serviceOf(first),
      ports: [...ports.keys()]
        .sort((a, b) => a - b)
        .map((servicePort) => ({ servicePort, appProtocol: ports.get(servicePort) as AppProtocol })),
    },
  })
}

export function emitUnavailable(): Resource {
  const { namespace, hostname, port } = unavailable
  const value = { name: 'unavailable', namespace, hostname, ports: [{ servicePort: port }] }
  return encodeAddress({ $case: 'service', value })
}
