// For tests: objects as the API server would hand them out, and a translation that can be asked what a user would ask.
import { apiVersionOf, kinds, type Resource, resourceKey, type SealedSecret } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import type { Round } from '@penstock/incremental'
import {
  BackendProtocol,
  type Capabilities,
  type Condition,
  type HttpRule,
  type IrKind,
  type IrRecord,
} from '@penstock/ir'
import { createTranslation, type Translation, type TranslationOptions } from './translation.ts'

const admission = createAdmission()

/** `path`: `<namespace>/<name>`, or the name in namespace `default`. Throws on what the API server would refuse. */
export function resource(kind: string, path: string, body: object, metadata: object = {}): Resource {
  const info = kinds.find((known) => known.kind === kind)
  if (info === undefined) throw new Error(`unknown kind ${kind}`)
  const [name = '', namespace = 'default'] = path.split('/').reverse()
  const admitted = admission.admit({
    apiVersion: apiVersionOf(info),
    kind,
    metadata: {
      name,
      ...(info.namespaced ? { namespace } : {}),
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    ...body,
  })
  if ('refused' in admitted) throw new Error(`${kind} ${path}: ${JSON.stringify(admitted.refused)}`)
  return { ...admitted.object, metadata: { ...admitted.object.metadata, uid: `${kind} ${path}` } }
}

export const gatewayClass = (name = 'penstock', spec: object = {}): Resource =>
  resource('GatewayClass', name, { spec: { controllerName: 'penstock.dev/gateway-controller', ...spec } })

export const gateway = (
  path: string,
  listeners: readonly object[],
  spec: object = {},
  metadata: object = {},
): Resource => resource('Gateway', path, { spec: { gatewayClassName: 'penstock', listeners, ...spec } }, metadata)

/** Of the Gateway `gw` in the namespace `default`. */
export const listenerSet = (path: string, listeners: readonly object[], metadata: object = {}): Resource =>
  resource('ListenerSet', path, { spec: { parentRef: { name: 'gw', namespace: 'default' }, listeners } }, metadata)

export const http = (name: string, port = 80, more: object = {}): object => ({ name, port, protocol: 'HTTP', ...more })

export const https = (name: string, secret: object | string, more: object = {}): object => {
  const ref = typeof secret === 'string' ? { name: secret } : secret
  return { name, port: 443, protocol: 'HTTPS', tls: { certificateRefs: [ref] }, ...more }
}

/** A route to `gw` in its own namespace, unless `spec` says otherwise. */
export const httpRoute = (path: string, rules: readonly object[], spec: object = {}, metadata: object = {}): Resource =>
  resource('HTTPRoute', path, { spec: { parentRefs: [{ name: 'gw' }], rules, ...spec } }, metadata)

export const grpcRoute = (path: string, rules: readonly object[], spec: object = {}): Resource =>
  resource('GRPCRoute', path, { spec: { parentRefs: [{ name: 'gw' }], rules, ...spec } })

/** For a Service of its own namespace, unless `spec` says otherwise. */
export const tlsPolicy = (path: string, service: string, spec: object = {}, metadata: object = {}): Resource =>
  resource(
    'BackendTLSPolicy',
    path,
    {
      spec: {
        targetRefs: [{ group: '', kind: 'Service', name: service }],
        validation: { hostname: 'x.com', caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] },
        ...spec,
      },
    },
    metadata,
  )

export const to = (name: string, more: object = {}): object => ({ backendRefs: [{ name, port: 80, ...more }] })

export const service = (
  path: string,
  ports: readonly object[] = [{ name: 'http', port: 80 }],
  spec: object = {},
): Resource => resource('Service', path, { spec: { ports, ...spec } })

export const slice = (path: string, owner: string, addresses: readonly string[]): Resource =>
  resource(
    'EndpointSlice',
    path,
    {
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 3000 }],
      endpoints: addresses.map((a) => ({ addresses: [a] })),
    },
    { labels: { 'kubernetes.io/service-name': owner } },
  )

export const grant = (path: string, from: object, to: object): Resource =>
  resource('ReferenceGrant', path, { spec: { from: [from], to: [to] } })

export const namespace = (name: string, labels: object): Resource => resource('Namespace', name, {}, { labels })

/** As the watcher seals it. */
export function secret(path: string, tls: SealedSecret['tls'] = certificate('a')): Resource {
  const [name = '', namespace = 'default'] = path.split('/').reverse()
  const metadata = { name, namespace, uid: `Secret ${path}`, generation: 0, creationTimestamp: '2026-01-01T00:00:00Z' }
  const sealed: SealedSecret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    type: 'kubernetes.io/tls',
    ...(tls ? { tls } : {}),
  }
  return sealed
}

/** Nobody has its key. */
export const authority = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUUhNTcpQ+LtTxcmITjn20ibTZmXwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZ29sZGVuIGNhMCAXDTI2MTEyMTE3MDUxM1oYDzIxMjYxMDI4
MTcwNTEzWjAUMRIwEAYDVQQDDAlnb2xkZW4gY2EwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARlRa1Uheeo+c4zLD4ic0wJmrbP4NynV6gUF5hkFZ5u1EVRGtlWCmrz
YxfRtY4FfB90Jo3jq5AFkWfrMd/85V/Mo1MwUTAdBgNVHQ4EFgQUTjpf/dGMS1+U
bEuC7X2AQ59htAwwHwYDVR0jBBgwFoAUTjpf/dGMS1+UbEuC7X2AQ59htAwwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAifNZJlNXLju/ilqQBNxaq
Vq1K4Xov9QdBuF4i8wvXmgIgf5KLsA0xFB+062IZYsc4M63QJSpLPVuzzyDSiWqP
fw8=
-----END CERTIFICATE-----
`

/** With its `ca.crt`. */
export const configMap = (path: string, text = authority): Resource =>
  resource('ConfigMap', path, { data: { 'ca.crt': text } })

export const trustBundle = (name: string, text = authority): Resource => {
  const good = resource('ClusterTrustBundle', name, { spec: { trustBundle: authority } })
  // What this API server would refuse, another may have let in.
  return { ...good, ...{ spec: { trustBundle: text } } }
}

export const certificate = (
  name: string,
  validity: { readonly notBeforeMs: number; readonly notAfterMs: number } = { notBeforeMs: 1, notAfterMs: 2 },
): NonNullable<SealedSecret['tls']> => ({
  chainPem: `chain of ${name}`,
  keyPem: { keyId: 'k1', subject: `subject of ${name}`, box: Buffer.from(`key of ${name}`).toString('base64') },
  facts: { dnsNames: [`${name}.example.com`], ...validity, fingerprint: name },
})

/** Of a plane that can do what the tests are about. */
export const capabilities: Capabilities = {
  listeners: new Set(['http', 'https']),
  filters: new Set([
    'requestHeaders',
    'responseHeaders',
    'redirect',
    'urlRewrite',
    'answer',
    'mirror',
    'cors',
    'session',
  ]),
  backendFilters: new Set(['requestHeaders', 'responseHeaders', 'answer', 'urlRewrite']),
  backendProtocols: new Set([BackendProtocol.BACKEND_PROTOCOL_HTTP1, BackendProtocol.BACKEND_PROTOCOL_H2C]),
  features: new Set([
    'BackendTLSPolicy',
    'GatewayBackendClientCertificate',
    'GatewayFrontendClientCertificateValidation',
    'GatewayHTTPListenerIsolation',
  ]),
  proxies: {
    logComponents: new Set(['http', 'upstream']),
    accessLogs: {
      sinks: new Map([
        ['standardOutput', 3],
        ['file', 3],
        ['openTelemetry', 3],
      ]),
      formats: new Set(['text', 'fields']),
      problemOf: (words) => (words.includes('?') ? 'it asks' : undefined),
    },
    tracing: new Set(['samplingPercent', 'serviceName', 'tags']),
    ownBootstrap: ['node.id', 'static_resources'],
  },
}

export const everyPlane = (plane: Capabilities): TranslationOptions['capabilities'] => ({
  envoy: plane,
  agentgateway: plane,
})

type RouteKind = 'HTTPRoute' | 'GRPCRoute'

/** `True Accepted` by type. */
export type Said = Readonly<Record<string, string>>

export interface Rig {
  readonly translation: Translation
  set(...objects: readonly Resource[]): Round
  remove(...objects: readonly Resource[]): Round
  /** Records of a kind, by key. */
  records<K extends IrKind>(kind: K): ReadonlyMap<string, Extract<IrRecord, { kind: K }>['value']>
  /** Of an HTTPRoute, unless said otherwise. */
  rule(key: string, kind?: RouteKind): HttpRule
  gatewaySays(path: string): Said
  listenerSetSays(path: string): Said
  /** Of a Gateway, unless said otherwise. */
  listenerSays(
    path: string,
    section: string,
    kind?: 'Gateway' | 'ListenerSet',
  ): Said & { readonly attachedRoutes: string }
  /** One entry for each parent. */
  routeSays(path: string, kind?: RouteKind): readonly Said[]
  /** A BackendTLSPolicy: one entry for each Gateway. */
  ancestorsSay(path: string): readonly Said[]
  message(kind: 'Gateway' | 'ListenerSet' | RouteKind, path: string, type: string): string
}

export function createRig(objects: readonly Resource[] = [], options: Partial<TranslationOptions> = {}): Rig {
  const translation = createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: everyPlane(capabilities),
    graph: { freeze: true, twice: true },
    ...options,
  })
  const { graph } = translation
  const apply = (changes: Parameters<Translation['apply']>[0]): Round => {
    const round = translation.apply(changes)
    for (const { collection, key, error } of round.threw) throw new Error(`${collection} at ${key}`, { cause: error })
    return round
  }
  const statusOf = (kind: string, path: string) => {
    const group = 'gateway.networking.k8s.io'
    const status = graph
      .values(translation.status)
      .get(`${group}/${kind}/${path.includes('/') ? path : `default/${path}`}`)
    if (status === undefined) throw new Error(`${kind} ${path} has no status`)
    return status
  }
  const recordsOf: Rig['records'] = (kind) => {
    const all = [...graph.values(translation.ir)].filter(([, record]) => record.kind === kind)
    return new Map(all.map(([key, { value }]) => [key, value as never]))
  }
  apply(objects.map((value) => ({ key: resourceKey(value), value })))
  return {
    translation,
    set: (...some) => apply(some.map((value) => ({ key: resourceKey(value), value }))),
    remove: (...some) => apply(some.map((value) => ({ key: resourceKey(value), value: undefined }))),
    records: recordsOf,
    rule(key, kind = 'HTTPRoute') {
      const rule = recordsOf('http_rule').get(`http_rule/${kind}/${key}`)
      if (rule === undefined) throw new Error(`no rule ${key}`)
      return rule
    },
    gatewaySays: (path) => said(statusOf('Gateway', path).conditions),
    listenerSetSays: (path) => said(statusOf('ListenerSet', path).conditions),
    listenerSays(path, section, kind = 'Gateway') {
      const listener = statusOf(kind, path).listeners.find(({ name }) => name === section)
      if (listener === undefined) throw new Error(`${kind} ${path} tells nothing of ${section}`)
      return { ...said(listener.conditions), attachedRoutes: String(listener.attachedRoutes) }
    },
    routeSays: (path, kind = 'HTTPRoute') => statusOf(kind, path).parents.map(({ conditions }) => said(conditions)),
    ancestorsSay: (path) => statusOf('BackendTLSPolicy', path).parents.map(({ conditions }) => said(conditions)),
    message(kind, path, type) {
      const { conditions, parents, listeners } = statusOf(kind, path)
      const all = [conditions, ...parents.map((p) => p.conditions), ...listeners.map((l) => l.conditions)].flat()
      return all
        .filter((condition) => condition.type === type)
        .map(({ message }) => message)
        .join('\n')
    },
  }
}

const said = (conditions: readonly Condition[]): Said =>
  Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status ? 'True' : 'False'} ${reason}`]))
