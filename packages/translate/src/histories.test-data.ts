// For property tests: histories of Gateway API objects of every kind that the translation reads. Few names, so that they
// refer to each other, collide and miss; what the API server would refuse is left out, what it would take and is wrong all
// the same is in.
import { type Resource, resourceKey } from '@penstock/gateway-api'
import type { Change } from '@penstock/incremental/laws'
import fc from 'fast-check'
import {
  certificate,
  gateway,
  gatewayClass,
  grant,
  http,
  https,
  namespace,
  resource,
  secret,
  service,
  slice,
} from './rig.test-data.ts'

type Draft = () => Resource

const space = fc.constantFrom('a', 'b')
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const path = (...names: string[]): fc.Arbitrary<string> =>
  fc.tuple(space, fc.constantFrom(...names)).map((parts) => parts.join('/'))
const metadata = fc.record({
  creationTimestamp: fc.constantFrom('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
  generation: fc.integer({ min: 1, max: 3 }),
})
const hostname = fc.constantFrom('a.com', 'b.com', 'x.a.com', '*.com', '*.a.com')
const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Auth', name: 'x' } }

/** The usual value, and now and then an odd one. */
const mostly = <T>(usual: T, ...odd: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 6 * odd.length, arbitrary: fc.constant(usual) },
    { weight: odd.length, arbitrary: fc.constantFrom(...odd) },
  )

/** Leaves out what is undefined, as a document would. */
const compact = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, v]) => v !== undefined))

const classes: fc.Arbitrary<Draft> = fc
  .constantFrom<object[]>(
    {},
    { controllerName: 'example.com/other' },
    { parametersRef: { group: '', kind: 'ConfigMap', name: 'x' } },
  )
  .map((spec) => () => gatewayClass('penstock', spec))

const listener = fc
  .record({
    name: fc.constantFrom('one', 'two', 'three'),
    port: fc.constantFrom(80, 443),
    hostname: maybe(hostname),
    protocol: mostly('HTTP', 'HTTPS', 'HTTPS', 'TCP'),
    secret: fc.record({ name: mostly('cert', 'spare'), namespace: mostly(undefined, 'a', 'b') }).map(compact),
    namespaces: mostly<object>(
      { from: 'All' },
      { from: 'Same' },
      { from: 'Selector', selector: { matchLabels: { team: 'a' } } },
    ),
    kinds: mostly<object[] | undefined>(undefined, [{ kind: 'HTTPRoute' }], [{ kind: 'TCPRoute' }]),
    filters: mostly<object | undefined>(undefined, { requests: [extension] }),
  })
  .map(({ secret: ref, namespaces, kinds, filters, hostname: host, ...rest }) => {
    const { protocol } = rest
    const served = protocol !== 'TCP'
    return compact({
      ...rest,
      hostname: served ? host : undefined,
      filters: served ? filters : undefined,
      allowedRoutes: compact({ namespaces, kinds }),
      tls: protocol === 'HTTPS' ? { certificateRefs: [ref] } : undefined,
    })
  })

const gateways: fc.Arbitrary<Draft> = fc
  .record({
    at: path('gw', 'old'),
    listeners: fc.uniqueArray(listener, { minLength: 1, maxLength: 3, selector: (l) => (l as { name: string }).name }),
    addresses: mostly<object[] | undefined>(undefined, [{ type: 'IPAddress', value: '10.0.0.1' }]),
    meta: metadata,
  })
  .map(({ at, listeners, addresses, meta }) => () => {
    const spec = compact({ gatewayClassName: 'penstock', listeners, addresses })
    return resource('Gateway', at, { spec }, meta)
  })

const parentRef = fc
  .record({
    name: mostly('gw', 'old', 'none'),
    namespace: mostly<string | undefined>('a', 'b', undefined),
    sectionName: mostly<string | undefined>(undefined, 'one', 'two', 'four'),
    port: mostly<number | undefined>(undefined, 80, 443),
  })
  .map(compact)

const filter = fc.constantFrom(
  { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'A', value: '1' }] } },
  { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'A', value: '1' }], remove: ['a'] } },
  { type: 'RequestRedirect', requestRedirect: { scheme: 'https' } },
  { type: 'URLRewrite', urlRewrite: { hostname: 'b.com' } },
  { type: 'CORS', cors: { allowOrigins: ['https://a.com'] } },
  extension,
)

const backendRef = fc
  .record({
    name: mostly('v1', 'v2', 'none'),
    namespace: mostly<string | undefined>(undefined, 'a', 'b'),
    kind: mostly('Service', 'Bucket'),
    port: mostly(80, 81),
    weight: mostly<number | undefined>(undefined, 0, 3),
    filters: mostly<object[] | undefined>(undefined, [{ type: 'URLRewrite', urlRewrite: { hostname: 'b.com' } }]),
  })
  .map(compact)

const match = fc.constantFrom(
  { path: { value: '/a' } },
  { path: { type: 'Exact', value: '/b' }, method: 'GET' },
  { path: { type: 'RegularExpression', value: '/c[0-9]' } },
  { path: { type: 'RegularExpression', value: '/c[' } },
  { headers: [{ name: 'X', value: '1' }] },
)

const rule = fc
  .record({
    matches: maybe(fc.array(match, { maxLength: 2 })),
    filters: fc.oneof(fc.constant(undefined), fc.constant(undefined), fc.array(filter, { maxLength: 2 })),
    backendRefs: maybe(fc.array(backendRef, { minLength: 1, maxLength: 2 })),
    timeouts: maybe(fc.constant({ request: '1s' })),
    retry: mostly<object | undefined>(undefined, { attempts: 1 }),
  })
  .map(compact)

const httpRoutes: fc.Arbitrary<Draft> = fc
  .record({
    at: path('web', 'api', 'old'),
    parentRefs: fc.array(parentRef, { minLength: 1, maxLength: 2 }),
    hostnames: maybe(fc.array(hostname, { maxLength: 2 })),
    rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
    meta: metadata,
  })
  .map(
    ({ at, meta, ...spec }) =>
      () =>
        resource('HTTPRoute', at, { spec: compact(spec) }, meta),
  )

const services: fc.Arbitrary<Draft> = fc
  .record({
    at: path('v1', 'v2'),
    ports: fc.subarray(
      [
        { name: 'http', port: 80 },
        { name: 'other', port: 81, appProtocol: 'kubernetes.io/h2c' },
        { name: 'odd', port: 82, protocol: 'UDP' },
      ],
      { minLength: 1 },
    ),
    outside: mostly(false, true),
  })
  .map(
    ({ at, ports, outside }) =>
      () =>
        service(at, ports, outside ? { type: 'ExternalName', externalName: 'example.com' } : {}),
  )

const slices: fc.Arbitrary<Draft> = fc
  .record({ at: path('v1-x', 'v1-y'), owner: fc.constantFrom('v1', 'v2'), host: fc.integer({ min: 1, max: 3 }) })
  .map(
    ({ at, owner, host }) =>
      () =>
        slice(at, owner, [`10.0.0.${host}`]),
  )

const secrets: fc.Arbitrary<Draft> = fc
  .record({
    at: path('cert', 'spare'),
    tls: mostly(certificate('x'), certificate('y'), { problem: 'the key is of another pair' }),
  })
  .map(
    ({ at, tls }) =>
      () =>
        secret(at, tls),
  )

const grants: fc.Arbitrary<Draft> = fc
  .record({
    at: path('permit', 'more'),
    from: space,
    pair: fc.constantFrom(
      ['HTTPRoute', { group: '', kind: 'Service' }] as const,
      ['HTTPRoute', { group: '', kind: 'Service', name: 'v1' }] as const,
      ['Gateway', { group: '', kind: 'Secret' }] as const,
    ),
  })
  .map(
    ({ at, from, pair: [kind, to] }) =>
      () =>
        grant(at, { group: 'gateway.networking.k8s.io', kind, namespace: from }, to),
  )

const namespaces: fc.Arbitrary<Draft> = fc.tuple(space, fc.constantFrom({ team: 'a' }, { team: 'b' }, {})).map(
  ([name, labels]) =>
    () =>
      namespace(name, labels),
)

/** What the API server refuses never comes. */
function admitted(draft: Draft): Resource | undefined {
  try {
    return draft()
  } catch {
    return undefined
  }
}

const change: fc.Arbitrary<Change<Resource> | undefined> = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: httpRoutes },
      { weight: 5, arbitrary: gateways },
      { weight: 2, arbitrary: services },
      { weight: 2, arbitrary: secrets },
      { weight: 2, arbitrary: grants },
      { weight: 1, arbitrary: fc.oneof(slices, namespaces, classes) },
    ),
    fc.integer({ min: 0, max: 4 }),
  )
  .map(([draft, luck]) => {
    const object = admitted(draft)
    return object && { key: resourceKey(object), value: luck === 0 ? undefined : object }
  })

const all = { allowedRoutes: { namespaces: { from: 'All' } } }

/** What most references mean: without it hardly a route would work. */
const common: readonly Resource[] = [
  gatewayClass(),
  gateway('a/gw', [http('one', 80, all), https('two', 'cert', all)]),
  secret('a/cert'),
  service('a/v1'),
  service('b/v1'),
]

/** Transactions, the first of which brings what is common. */
export const histories: fc.Arbitrary<readonly (readonly Change<Resource>[])[]> = fc
  .array(fc.array(change, { minLength: 1, maxLength: 8 }), { maxLength: 8 })
  .map((rounds) => [
    common.map((object) => ({ key: resourceKey(object), value: object })),
    ...rounds.map((round) => round.filter((c) => c !== undefined)),
  ])
