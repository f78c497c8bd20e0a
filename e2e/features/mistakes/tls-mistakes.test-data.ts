// Mistakes in listeners, and in the certificates and authorities that TLS needs on either side.
import { pairs } from '../../plane-envoy/certificates.ts'
import { endpointSlice, type Manifest, service, tlsSecret } from '../manifests.ts'
import { culpritGateway, culpritRoute, type Ports } from './culprit.ts'
import { foreignName } from './foreign-sealer.ts'
import type { Conditions, Mistake } from './mistake.ts'

const listener = 'Gateway other/https'
const badRef: Conditions = { ResolvedRefs: 'False InvalidCertificateRef', Programmed: 'False Invalid' }

/** The listener serves nobody, and the others of its Gateway go on. */
const badSecret = (name: string, secret: { chainPem: string; keyPem: string }): Mistake => ({
  name,
  objects: () => [tlsSecret('culprit', secret)],
  says: { [listener]: badRef, 'Gateway other/http': { Programmed: 'True Programmed' } },
  secure: 'closed',
})

const { one, two, wild, expired, odd } = pairs
const broken = two.chainPem.replace('MIIB', 'XXXX')

const certificates: readonly Mistake[] = [
  badSecret('a certificate that is no PEM', { ...two, chainPem: 'Hello' }),
  badSecret('a chain that is broken in the middle', { ...two, chainPem: two.chainPem + broken }),
  badSecret('a key that is no PEM', {
    ...two,
    keyPem: '-----BEGIN PRIVATE KEY-----\nHello\n-----END PRIVATE KEY-----\n',
  }),
  badSecret('the key of another certificate', { chainPem: two.chainPem, keyPem: wild.keyPem }),
  badSecret('a key that no proxy takes', odd),
  {
    name: 'a certificate that has expired',
    objects: () => [tlsSecret('culprit', expired)],
    says: { [listener]: { ResolvedRefs: 'True ResolvedRefs', 'penstock.dev/CertificateValid': 'False Expired' } },
  },
  {
    name: 'a Secret that does not exist',
    objects: (ports) => [culpritGateway(ports, 'none')],
    says: { [listener]: badRef },
    secure: 'closed',
  },
  {
    name: 'a Secret that goes while it is used',
    objects: () => [],
    without: ['Secret culprit'],
    says: { [listener]: badRef },
    secure: 'closed',
  },
  {
    name: 'a Secret that no grant permits',
    objects: (ports) => [
      edited(ports, ({ https }) => (https['tls'] = { certificateRefs: [{ name: 'culprit', namespace: 'else' }] })),
    ],
    says: { [listener]: { ResolvedRefs: 'False RefNotPermitted', Programmed: 'False Invalid' } },
    secure: 'closed',
  },
  {
    name: 'a Secret whose key nobody can open',
    objects: (ports) => [culpritGateway(ports, foreignName), tlsSecret(foreignName, one)],
    secure: 'closed',
  },
]

type Fields = Record<string, unknown>

/** The culprit's Gateway, with something else in it. */
function edited(
  ports: Ports,
  edit: (parts: { spec: Fields; http: Fields; https: Fields; listeners: Fields[] }) => void,
): Manifest {
  const gateway = structuredClone(culpritGateway(ports)) as { spec: Fields & { listeners: Fields[] } }
  const { spec } = gateway
  const [http = {}, https = {}] = spec.listeners
  edit({ spec, http, https, listeners: spec.listeners })
  return { ...gateway }
}

const more = (ports: Ports, extra: object): Manifest =>
  edited(ports, ({ listeners }) =>
    listeners.push({ name: 'extra', allowedRoutes: { namespaces: { from: 'All' } }, ...extra }),
  )
const extra = 'Gateway other/extra'

const listeners: readonly Mistake[] = [
  {
    name: 'a listener with another protocol than its own Gateway has on the port',
    objects: (ports) => [
      more(ports, { port: ports.http, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'culprit' }] } }),
    ],
    says: {
      [extra]: { Conflicted: 'True ProtocolConflict', Accepted: 'False ProtocolConflict' },
      'Gateway other/http': { Conflicted: 'True ProtocolConflict' },
    },
    plain: 404,
  },
  {
    name: 'a listener for what a neighbour has',
    objects: (ports) => [more(ports, { port: ports.http, protocol: 'HTTP' })],
    says: { [extra]: { Conflicted: 'True HostnameConflict', Accepted: 'False HostnameConflict' } },
  },
  {
    name: "a listener with another protocol than a neighbour's",
    objects: (ports) => [edited(ports, ({ https }) => Object.assign(https, { protocol: 'HTTP', tls: undefined }))],
    says: { [listener]: { Conflicted: 'True ProtocolConflict', Accepted: 'False ProtocolConflict' } },
    secure: 'closed',
  },
  {
    name: 'a protocol that is not supported',
    objects: (ports) => [more(ports, { port: ports.http + 9, protocol: 'a.example/odd' })],
    says: { [extra]: { Accepted: 'False UnsupportedProtocol' } },
  },
  {
    name: 'a kind of route that its protocol has not',
    objects: (ports) => [edited(ports, ({ http }) => (http['allowedRoutes'] = { kinds: [{ kind: 'UDPRoute' }] }))],
    says: { 'Gateway other/http': { ResolvedRefs: 'False InvalidRouteKinds' } },
    plain: 404,
  },
  {
    name: 'a filter of a listener, which is not supported',
    objects: (ports) => [
      edited(ports, ({ http }) => {
        const extensionRef = { group: 'a.example', kind: 'Filter', name: 'f' }
        http['filters'] = { requests: [{ type: 'ExtensionRef', extensionRef }] }
      }),
    ],
    says: { 'Gateway other/http': { Accepted: 'False UnsupportedValue' } },
    plain: 404,
  },
  {
    name: 'an option of TLS that is not supported',
    objects: (ports) => [
      edited(ports, ({ https }) => (https['tls'] = { ...(https['tls'] as object), options: { 'a.example/odd': 'x' } })),
    ],
    says: { [listener]: { Accepted: 'False UnsupportedValue' } },
    secure: 'closed',
  },
  {
    name: 'an address that nobody can give',
    objects: (ports) => [edited(ports, ({ spec }) => (spec['addresses'] = [{ type: 'a.example/odd', value: 'x' }]))],
    says: { 'Gateway other': { Accepted: 'False UnsupportedAddress' } },
    plain: 404,
    secure: 'closed',
  },
]

const authorities = (text: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'authorities' },
  data: { 'ca.crt': text },
})
const ref = { group: '', kind: 'ConfigMap', name: 'authorities' }

const clients = (name: string, bundle: object, reason: string, ...objects: Manifest[]): Mistake => ({
  name: `authorities for clients: ${name}`,
  objects: (ports) => [
    edited(
      ports,
      ({ spec }) => (spec['tls'] = { frontend: { default: { validation: { caCertificateRefs: [bundle] } } } }),
    ),
    ...objects,
  ],
  says: { [listener]: { Accepted: 'False NoValidCACertificate', ResolvedRefs: `False ${reason}` } },
  secure: 'closed',
})

const backend = (name: string, bundle: object, reason: string, ...objects: Manifest[]): Mistake => ({
  name: `authorities for a backend: ${name}`,
  objects: () => [
    culpritRoute({ backendRefs: [{ name: 'secured', port: 80 }] }),
    service('secured'),
    endpointSlice('secured', 9),
    policy(bundle),
    ...objects,
  ],
  says: { 'BackendTLSPolicy culprit': { Accepted: 'False NoValidCACertificate', ResolvedRefs: `False ${reason}` } },
  plain: 503,
})

const policy = (bundle: object): Manifest => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'BackendTLSPolicy',
  metadata: { name: 'culprit' },
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'secured' }],
    validation: { hostname: 'a.example', caCertificateRefs: [bundle] },
  },
})

const trust: readonly Mistake[] = [
  ...[clients, backend].flatMap((on) => [
    on('no PEM', ref, 'InvalidCACertificateRef', authorities('Hello')),
    on('broken in the middle', ref, 'InvalidCACertificateRef', authorities(one.chainPem + broken)),
    on('missing', { ...ref, name: 'none' }, 'InvalidCACertificateRef'),
  ]),
  clients('no kind for that', { ...ref, kind: 'Service' }, 'InvalidCACertificateKind'),
  backend('no kind for that', { ...ref, kind: 'Service' }, 'InvalidKind'),
]

export const tlsMistakes = [...certificates, ...listeners, ...trust]
