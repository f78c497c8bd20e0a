// Arbitrary objects that Gateways and routes refer to, and what permits it.
import { clusterTrustBundleKind, type Resource, type SealedSecret, unservedKind } from '@penstock/gateway-api'
import fc from 'fast-check'
import { authority, certificate, trustBundle } from '../rig.test-data.ts'
import { compact, documents, fields, listOf, mostly, space } from './document.test-data.ts'

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
          { name: 'safe', port: 443, appProtocol: 'https' },
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

export const configMaps = documents(
  'ConfigMap',
  ['ca', 'more'],
  mostly<object>({ 'ca.crt': authority }, { 'ca.crt': '' }, { 'ca.crt': 'broken' }, {}).map((data) => ({ data })),
)

/** A text that is no authority may have been let in by another API server. */
export const clusterTrustBundles: fc.Arbitrary<Resource> = mostly(authority, '', 'broken').map((text) =>
  trustBundle('anchors', text),
)

export const unservedKinds: fc.Arbitrary<Resource> = fc.constant(unservedKind(clusterTrustBundleKind))

/** What holds authorities, or should. */
const trustHolders = [
  { group: '', kind: 'ConfigMap', name: 'ca' },
  { group: '', kind: 'ConfigMap', name: 'more' },
  { group: '', kind: 'Secret', name: 'cert' },
  { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: 'anchors' },
  { group: 'example.com', kind: 'Vault', name: 'x' },
] as const

export const trustRefs = listOf(mostly<object>(...trustHolders), 1, 2)

/** For Gateways, which seldom ask for certificates, so that what is odd is not too rare. */
export const oddTrustRefs = listOf(fc.constantFrom<object[]>(...trustHolders), 1, 2)

export const tlsPolicies = documents(
  'BackendTLSPolicy',
  ['safe', 'safer'],
  fields({
    spec: fields({
      targetRefs: fc
        .record({
          name: mostly('v1', 'v2', 'none'),
          section: mostly<string | undefined>(undefined, 'http', 'safe', 'x'),
        })
        .map(({ name, section }) => [compact({ group: '', kind: 'Service', name, sectionName: section })]),
      validation: fc
        .record({
          refs: trustRefs,
          system: mostly<string | undefined>(undefined, 'System', 'example.com/ours'),
          subjectAltNames: mostly<object[] | undefined>(undefined, [
            { type: 'Hostname', hostname: 'a.com' },
            { type: 'URI', uri: 'spiffe://a.com/x' },
          ]),
        })
        .map(({ refs, system, subjectAltNames }) =>
          compact({
            hostname: 'a.com',
            caCertificateRefs: system === undefined ? refs : undefined,
            wellKnownCACertificates: system,
            subjectAltNames,
          }),
        ),
      options: mostly<object | undefined>(undefined, { 'example.com/option': 'x' }),
    }),
  }),
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
        [gateway, { group: '', kind: 'ConfigMap' }],
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
    const data = { 'ca.crt': Buffer.from(authority).toString('base64') }
    return content === 'empty' ? secret : { ...secret, tls, ...(content === 'y' ? { data } : {}) }
  })
