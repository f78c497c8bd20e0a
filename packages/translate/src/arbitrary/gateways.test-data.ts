// Arbitrary GatewayClasses, GatewayConfigs, Gateways, ListenerSets and what tells of the installed release.
import type { Resource } from '@penstock/gateway-api'
import fc from 'fast-check'
import { compact, documents, fields, hostname, listOf, maybe, mostly } from './document.test-data.ts'
import { oddTrustRefs } from './referents.test-data.ts'

const config = (name: string, namespace?: string): object =>
  compact({ group: 'penstock.dev', kind: 'GatewayConfig', name, namespace })

export const gatewayClasses = documents(
  'GatewayClass',
  ['penstock'],
  fields({
    spec: fields({
      controllerName: mostly('penstock.dev/gateway-controller', 'example.com/other'),
      parametersRef: mostly<object | undefined>(
        undefined,
        config('config', 'a'),
        config('none', 'a'),
        config('config'),
        { group: '', kind: 'ConfigMap', name: 'x', namespace: 'a' },
      ),
    }),
  }),
)

/** What goes together, what does not, and what neither plane can do. */
export const gatewayConfigs = documents(
  'GatewayConfig',
  ['config', 'own'],
  fields({
    spec: fc.oneof(
      fields({
        plane: maybe(fc.constantFrom('Envoy', 'Agentgateway')),
        image: maybe(fc.constantFrom('envoy:1', 'envoy:2')),
      }),
      fc
        .subarray(
          [
            { plane: 'Agentgateway' },
            { autoscaling: { minReplicas: 2, maxReplicas: 3 } },
            { autoscaling: { minReplicas: 4 } },
            { disruptionBudget: { minAvailable: 1 } },
            { disruptionBudget: { maxUnavailable: '50%' } },
            { pod: { labels: { team: 'a' }, affinity: { podAffinity: {} }, tolerations: [{ key: 'a' }] } },
            { pod: { labels: { tier: 'b' }, affinity: { podAffinity: null }, terminationGracePeriodSeconds: 5 } },
            // Less than the grace above: in one object they must go together.
            { drainSeconds: 3 },
            { service: { externalTrafficPolicy: 'Local' } },
            { service: { type: 'ClusterIP' } },
            { logging: { level: 'debug', components: { http: 'debug' } } },
            { logging: { components: { unknown: 'debug' } } },
            { accessLogs: [] },
            { accessLogs: [{ text: 'line' }, { fields: { a: 'b' }, openTelemetry: { host: 'collector' } }] },
            { accessLogs: [{ text: 'why?' }] },
            { tracing: { openTelemetry: { host: 'collector' } } },
            { tracing: { samplingPercent: 5, tags: { a: 'b' } } },
            { bootstrap: { stats: null, flags: { a: 1 } } },
            { bootstrap: { node: { id: 'x' } } },
            { overlays: [{ kind: 'Service', patch: { spec: { a: null } } }] },
          ],
          { maxLength: 3 },
        )
        .map((parts): object => Object.assign({}, ...parts) as object),
      fc.constantFrom({ replicas: 2 }, { workload: 'DaemonSet' }),
    ),
  }),
)

const bundleVersion = 'gateway.networking.k8s.io/bundle-version'

/** What a watcher leaves of them. */
export const customResourceDefinitions: fc.Arbitrary<Resource> = fc
  .record({
    name: mostly('httproutes.gateway.networking.k8s.io', 'others.example.com'),
    annotations: mostly<Record<string, string>>({ [bundleVersion]: 'v1.7.0' }, { [bundleVersion]: 'v2.0.0' }, {}),
  })
  .map(({ name, annotations }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name, annotations, uid: '', generation: 1, creationTimestamp: '2025-01-01T00:00:00Z' },
  }))

const certificateRef = fields({
  name: mostly('cert', 'spare', 'none'),
  namespace: mostly<string | undefined>(undefined, 'a', 'b'),
  kind: mostly<string | undefined>(undefined, 'ConfigMap'),
})

const tls = fields({
  mode: mostly<string | undefined>(undefined, 'Terminate'),
  certificateRefs: listOf(certificateRef, 1, 2),
  options: mostly<object | undefined>(undefined, { 'example.com/option': 'x' }),
})

const allowedRoutes = fields({
  namespaces: mostly<object>(
    { from: 'All' },
    { from: 'Same' },
    { from: 'Selector', selector: { matchLabels: { team: 'a' } } },
    { from: 'Selector', selector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] } },
  ),
  kinds: mostly<object[] | undefined>(
    undefined,
    [{ kind: 'HTTPRoute' }],
    [{ kind: 'TCPRoute' }],
    [{ kind: 'HTTPRoute' }, { group: 'example.com', kind: 'Unknown' }],
  ),
})

const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Auth', name: 'x' } }

const listener = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    port: fc.constantFrom(80, 443),
    hostname: maybe(hostname),
    protocol: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('HTTP', 'HTTPS') },
      { weight: 1, arbitrary: fc.constantFrom('TCP', 'UDP', 'TLS') },
    ),
    allowedRoutes,
    tls,
    filters: mostly<object | undefined>(undefined, { requests: [extension] }),
  })
  .map((drawn) => {
    const { protocol } = drawn
    const isHttp = protocol === 'HTTP' || protocol === 'HTTPS'
    return compact({
      ...drawn,
      hostname: isHttp || protocol === 'TLS' ? drawn.hostname : undefined,
      filters: isHttp ? drawn.filters : undefined,
      tls: protocol === 'HTTPS' ? drawn.tls : protocol === 'TLS' ? { mode: 'Passthrough' } : undefined,
    })
  })

/** Admission wants names, and port, protocol and hostname together, to be distinct. */
const listeners = listOf(listener, 1, 3).map((drawn) => {
  const kept = new Map<unknown, object>()
  for (const one of drawn as readonly { name: string; port: number; protocol: string; hostname?: string }[]) {
    const isTaken = [...kept.values()].some((other) => place(other) === place(one))
    if (!isTaken) kept.set(one.name, one)
  }
  return [...kept.values()]
})

const place = (listenerSpec: object): string => {
  const { port, protocol, hostname: host } = listenerSpec as { port: number; protocol: string; hostname?: string }
  return `${port} ${protocol} ${host}`
}

const validation = fc
  .record({ caCertificateRefs: oddTrustRefs, mode: mostly<string | undefined>(undefined, 'AllowInsecureFallback') })
  .map((drawn) => ({ validation: compact(drawn) }))

const tlsOfGateway = fields({
  backend: maybe(fields({ clientCertificateRef: certificateRef })),
  frontend: maybe(
    fields({
      default: fc.oneof(fc.constant({}), validation),
      perPort: fc.option(
        validation.map((own) => [{ port: 443, tls: own }]),
        { nil: undefined },
      ),
    }),
  ),
})

export const gateways = documents(
  'Gateway',
  ['gw', 'old'],
  fields({
    spec: fields({
      gatewayClassName: mostly('penstock', 'none'),
      listeners,
      tls: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: tlsOfGateway }),
      addresses: mostly<object[] | undefined>(
        undefined,
        [{ type: 'IPAddress', value: '10.0.0.1' }],
        [{ type: 'IPAddress' }],
        [{ type: 'Hostname', value: 'a.com' }],
      ),
      allowedListeners: fc.constantFrom<object | undefined>(
        undefined,
        { namespaces: { from: 'All' } },
        { namespaces: { from: 'Same' } },
        { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'a' } } } },
      ),
      infrastructure: mostly<object | undefined>(
        undefined,
        { labels: { team: 'a' }, annotations: { note: 'x' } },
        { parametersRef: config('config') },
        { parametersRef: config('own') },
        { parametersRef: config('none') },
      ),
    }),
  }),
)

export const listenerSets = documents(
  'ListenerSet',
  ['more', 'gw'],
  fields({
    spec: fields({
      parentRef: fields({
        name: mostly('gw', 'old', 'none'),
        namespace: mostly<string | undefined>('a', 'b', undefined),
      }),
      listeners,
    }),
  }),
)
