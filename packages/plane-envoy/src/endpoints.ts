// The addresses behind one backend: those of the Service's EndpointSlices, of the port with the backend's port name.
import type { Endpoint, Endpoints } from '@penstock/ir'
import { ClusterLoadAssignment } from './gen/envoy/config/endpoint/v3/endpoint.ts'
import type { LbEndpoint } from './gen/envoy/config/endpoint/v3/endpoint_components.ts'
import { encodeResource, type Resource } from './resource.ts'

/** No slice, or none with a usable address, is an empty assignment: requests get 503. */
export function emitLoadAssignment(name: string, slices: readonly Endpoints[], portName: string): Resource {
  const usable = choose(slices.flatMap((slice) => slice.endpoints))
  const addresses = new Map<string, LbEndpoint>()
  for (const { addressType, ports, endpoints } of slices) {
    // Envoy resolves no names in an assignment, and Services make no FQDN slices of themselves.
    if (addressType === 'FQDN') continue
    for (const { port } of ports.filter((candidate) => candidate.name === portName)) {
      for (const endpoint of endpoints.filter(usable)) {
        for (const address of endpoint.addresses) addresses.set(`${address} ${port}`, toLbEndpoint(address, port))
      }
    }
  }
  const lbEndpoints = [...addresses.keys()].sort().map((key) => addresses.get(key) as LbEndpoint)
  return encodeResource(ClusterLoadAssignment, {
    clusterName: name,
    endpoints: lbEndpoints.length === 0 ? [] : [{ lbEndpoints }],
  })
}

/** Ready ones; where there is none, those that still serve while they end (EndpointConditions.serving). */
function choose(endpoints: readonly Endpoint[]): (endpoint: Endpoint) => boolean {
  if (endpoints.some((endpoint) => endpoint.ready)) return (endpoint) => endpoint.ready
  return (endpoint) => endpoint.serving && endpoint.terminating
}

function toLbEndpoint(address: string, portValue: number): LbEndpoint {
  const socketAddress = { address, portSpecifier: { $case: 'portValue', value: portValue } } as const
  return {
    hostIdentifier: {
      $case: 'endpoint',
      value: { address: { address: { $case: 'socketAddress', value: socketAddress } } },
    },
  }
}
