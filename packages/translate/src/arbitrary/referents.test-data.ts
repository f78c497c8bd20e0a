// Arbitrary objects that Gateways and routes refer to, and what permits it.
import type { SealedSecret } from '@penstock/gateway-api'
import fc from 'fast-check'
import { certificate } from '../rig.test-data.ts'
import { documents, fields, listOf, mostly, space } from './document.test-data.ts'

export const services = documents(
  'Service',
  ['v1', 'v2'],
  fc
    .record({
      ports: fc.subarray(
        [
          { name: 'http', port: 80 },
          { name: 'other', port: 81, appProtocol: 'kubernetes.io/h2c' },
          { name: 'odd', port: 82, protocol: 'UDP' },
          { name: 'socket', port: 83, appProtocol: 'example.com/odd' },
        ],
        { minLength: 1 },
      ),
      outside: mostly<object>({}, { type: 'ExternalName', externalName: 'example.com' }, { clusterIP: 'None' }),
    })
    .map(({ ports, outside }) => ({ spec: { ports, ...outside } })),
)

export const endpointSlices = documents(
  'EndpointSlice',
  ['v1-x', 'v1-y'],
  fields({
    metadata: mostly<object>(
      { labels: { 'kubernetes.io/service-name': 'v1' } },
      { labels: { 'kubernetes.io/service-name': 'v2' } },
      { labels: {} },
    ),
    addressType: fc.constant('IPv4'),
    ports: mostly<object[] | undefined>([{ name: 'http', port: 3000 }], [{ name: 'other', port: 3001 }], [{}]),
    endpoints: listOf(
      fields({
        addresses: fc.integer({ min: 1, max: 3 }).map((host) => [`10.0.0.${host}`]),
        conditions: mostly<object | undefined>(undefined, { ready: false }, { serving: true, terminating: true }),
        zone: mostly<string | undefined>(undefined, 'east'),
      }),
      0,
      2,
    ),
  }),
)

export const namespaces = documents(
  'Namespace',
  ['a', 'b'],
  fc.constantFrom({ team: 'a' }, { team: 'b' }, {}).map((labels) => ({ metadata: { labels } })),
)

const route = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }
const grpcRoute = { ...route, kind: 'GRPCRoute' }
const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway' }
const listenerSet = { ...gateway, kind: 'ListenerSet' }

export const referenceGrants = documents(
  'ReferenceGrant',
  ['permit', 'more'],
  fc
    .record({
      from: space,
      pair: fc.constantFrom<readonly [object, object]>(
        [route, { group: '', kind: 'Service' }],
        [route, { group: '', kind: 'Service', name: 'v1' }],
        [grpcRoute, { group: '', kind: 'Service' }],
        [gateway, { group: '', kind: 'Secret' }],
        [listenerSet, { group: '', kind: 'Secret' }],
        [gateway, { group: '', kind: 'Secret', name: 'spare' }],
      ),
    })
    .map(({ from: namespace, pair: [from, to] }) => ({ spec: { from: [{ ...from, namespace }], to: [to] } })),
)

/** What a watcher makes of a Secret. Its times are few, and lie among those that histories tell. */
export const sealedSecrets: fc.Arbitrary<SealedSecret> = fc
  .record({
    namespace: space,
    name: fc.constantFrom('cert', 'spare'),
    generation: fc.integer({ min: 1, max: 3 }),
    validity: fc.constantFrom(
      { notBeforeMs: 0, notAfterMs: 100 },
      { notBeforeMs: 0, notAfterMs: 20 },
      { notBeforeMs: 20, notAfterMs: 100 },
    ),
    content: mostly<'x' | 'y' | 'broken' | 'empty'>('x', 'y', 'broken', 'empty'),
  })
  .map(({ namespace, name, generation, validity, content }) => {
    const metadata = { name, namespace, uid: '', generation, creationTimestamp: '2026-01-01T00:00:00Z' }
    const tls = content === 'broken' ? { problem: 'the key is of another pair' } : certificate(content, validity)
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls' } as const
    return content === 'empty' ? secret : { ...secret, tls }
  })
