import { describe, expect, it } from '@jest/globals'
import type { EndpointSlice } from '@penstock/gateway-api'
import { translateEndpointSlice } from './endpoint-slice.ts'

const slice = (addressType: EndpointSlice['addressType'], ...addresses: string[]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    ...{ name: 'v1-a', namespace: 'default', uid: 'u', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' },
    labels: { 'kubernetes.io/service-name': 'v1' },
  },
  addressType,
  endpoints: [{ addresses }],
})

describe('an EndpointSlice', () => {
  it.each<[EndpointSlice, string[]]>([
    [slice('IPv4', '10.0.0.1', '010.0.0.2', '10.0.0.3'), ['10.0.0.1', '10.0.0.3']],
    [slice('IPv6', 'fd00::1', 'fd00::x'), ['fd00::1']],
    [slice('FQDN', 'a.example'), ['a.example']],
  ])('%# leaves out an address that nobody can read', (declared, addresses) => {
    const [[, record] = []] = translateEndpointSlice(declared)
    expect(record?.value).toMatchObject({ endpoints: [{ addresses }] })
  })
})
