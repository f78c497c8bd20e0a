// EndpointSlice: the addresses behind a Service. It never passes through routes, so a pod that comes or goes changes one
// record. Hand-written slices and those of headless Services are no different.
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
    endpoints: (slice.endpoints ?? []).map(translateEndpoint),
  }
  return [[endpointsKey(value), { kind: 'endpoints', value }]]
}

/** What is unknown counts as ready (discovery/v1 EndpointConditions), and what is ready serves. */
function translateEndpoint({
  addresses,
  conditions = {},
  zone = '',
  nodeName = '',
}: Endpoint): Endpoints['endpoints'][number] {
  const { ready = true, serving = ready, terminating = false } = conditions
  return { addresses: [...addresses], ready, serving, terminating, zone, node: nodeName }
}
