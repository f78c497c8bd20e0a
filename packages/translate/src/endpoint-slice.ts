// EndpointSlice: the addresses behind a Service. It never passes through routes, so a pod that comes or goes changes one
// record. Hand-written slices and those of headless Services are no different.
import { isIP } from 'node:net'
import { type Endpoint, type EndpointSlice, serviceNameLabel } from '@penstock/gateway-api'
import { type Endpoints, endpointsKey, type IrRecord } from '@penstock/ir'
import { sourceOf } from './source.ts'

/** Nothing for a slice that belongs to no Service. */
export function translateEndpointSlice(slice: EndpointSlice): readonly (readonly [string, IrRecord])[] {
  const service = slice.metadata.labels?.[serviceNameLabel]
  if (service === undefined) return []
  const value: Endpoints = {
    source: sourceOf(slice),
    namespace: slice.metadata.namespace ?? '',
    name: slice.metadata.name,
    service,
    addressType: slice.addressType,
    ports: (slice.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) =>
      port === undefined ? [] : [{ name, port, protocol }],
    ),
    endpoints: (slice.endpoints ?? []).map((endpoint) => translateEndpoint(endpoint, slice.addressType)),
  }
  return [[endpointsKey(value), { kind: 'endpoints', value }]]
}

/** What is unknown counts as ready (discovery/v1 EndpointConditions), and what is ready serves. */
function translateEndpoint(
  { addresses, conditions = {}, zone = '', nodeName = '' }: Endpoint,
  addressType: EndpointSlice['addressType'],
): Endpoints['endpoints'][number] {
  const { ready = true, serving = ready, terminating = false } = conditions
  // An older cluster may hold one with a leading zero; for its sake a proxy would refuse all that the Service has.
  const readable = addresses.filter((address) => addressType === 'FQDN' || isIP(address) !== 0)
  return { addresses: readable, ready, serving, terminating, zone, node: nodeName }
}
