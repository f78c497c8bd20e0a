// Mistakes in a route: what it matches, what it does, where it sends, whose it wants to be.
import { endpointSlice, type Manifest, service } from '../manifests.ts'
import { culpritHosts, culpritRoute } from './culprit.ts'
import type { Conditions, Mistake } from './mistake.ts'

const route = 'HTTPRoute culprit'
const unsupported: Conditions = { Accepted: 'False UnsupportedValue', 'penstock.dev/Programmed': 'False Invalid' }
const accepted: Conditions = { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' }

/** A rule that is refused as a whole answers 500; one whose matches are all broken matches nothing. */
const badRule = (name: string, rule: object, plain = 500): Mistake => ({
  name,
  objects: () => [culpritRoute(rule)],
  says: { [route]: unsupported },
  plain,
})
const badMatch = (name: string, match: object): Mistake => badRule(name, { matches: [match] }, 404)

const fine = (name: string, rule: object, plain = 200): Mistake => ({
  name,
  objects: () => [culpritRoute(rule)],
  says: { [route]: accepted },
  plain,
})

const unresolved = (name: string, reason: string, backendRef: object, ...more: Manifest[]): Mistake => ({
  name,
  objects: () => [culpritRoute({ backendRefs: [backendRef] }), ...more],
  says: { [route]: { Accepted: 'True Accepted', ResolvedRefs: `False ${reason}` } },
  plain: 500,
})

/** Nobody attaches it, so nobody answers for its host. */
const unattached = (name: string, reason: string, spec: object): Mistake => ({
  name,
  objects: () => [culpritRoute({}, spec)],
  says: { [route]: { Accepted: `False ${reason}` } },
  plain: 404,
})

const regex = (value: string) => ({ type: 'RegularExpression', value })
const requestHeaders = (edit: object) => ({ type: 'RequestHeaderModifier', requestHeaderModifier: edit })
const answerHeaders = (edit: object) => ({ type: 'ResponseHeaderModifier', responseHeaderModifier: edit })
const full = (path: string) => ({ type: 'ReplaceFullPath', replaceFullPath: path })
const prefix = (path: string) => ({ type: 'ReplacePrefixMatch', replacePrefixMatch: path })
const rewrite = (path: object) => ({ filters: [{ type: 'URLRewrite', urlRewrite: { path } }] })
const redirect = (more: object) => ({ backendRefs: [], filters: [{ type: 'RequestRedirect', requestRedirect: more }] })

const expressions: readonly Mistake[] = [
  badMatch('a path that is no expression', { path: regex('/(') }),
  badMatch('a header that is no expression', { headers: [{ name: 'a', ...regex('[') }] }),
  badMatch('a query that is no expression', { queryParams: [{ name: 'a', ...regex('*') }] }),
  badMatch('an expression of another dialect', { path: regex('/(?=ahead)') }),
  badMatch('an expression that is too large', { path: regex(`/${'\\pL{900}'.repeat(100)}`) }),
  badMatch('an expression of characters where bytes are matched', { path: regex('/[\\x{100}-\\x{200}]') }),
  badMatch('an expression of a newer Unicode', { path: regex('/\\p{Garay}') }),
  fine('an expression as large as can be', { matches: [{ path: regex('/?[^a]{0,1000}') }] }),
  {
    name: 'a method of a GRPCRoute that is no expression',
    without: ['HTTPRoute culprit'],
    objects: () => [grpcRoute({ service: '\\Qwithout an end' })],
    says: { 'GRPCRoute culprit': unsupported },
    plain: 404,
  },
]

function grpcRoute(method: object): Manifest {
  const { apiVersion, metadata, spec } = culpritRoute({
    matches: [{ method: { type: 'RegularExpression', ...method } }],
  })
  return { apiVersion, kind: 'GRPCRoute', metadata, spec }
}

const edits: readonly Mistake[] = [
  ...[':path', '', 'a b', 'a\nb', 'a\0', 'Host'].map((name) =>
    badRule(`the header ${JSON.stringify(name)} to be removed`, { filters: [requestHeaders({ remove: [name] })] }),
  ),
  badRule(':status to be removed from answers', { filters: [answerHeaders({ remove: [':status'] })] }),
  badRule('a Host for answers', { filters: [answerHeaders({ set: [{ name: 'Host', value: 'a' }] })] }),
  badRule('a header of HTTP/2 to be removed for one backend', {
    backendRefs: [{ name: 'v1', port: 80, filters: [requestHeaders({ remove: [':path'] })] }],
  }),
  badRule('two actions for a header', {
    filters: [requestHeaders({ set: [{ name: 'A', value: '1' }], remove: ['a'] })],
  }),
  ...['/a\nb', '/a b', '/é', '/\0'].map((path) => badRule(`a rewrite to ${JSON.stringify(path)}`, rewrite(full(path)))),
  badRule('a rewrite of the prefix with a control character', rewrite(prefix('/\r'))),
  badRule('a redirect to a path with a line break', redirect({ path: full('/a\nb') })),
  badRule('a redirect to a prefix with a space', redirect({ path: prefix('/a b') })),
  fine(
    'a redirect to an odd host and path',
    redirect({ hostname: 'xn--bcher-kva.1.2.3', path: full("//!$&'()%zz?#") }),
    302,
  ),
  fine('a rewrite with the variables of a proxy', rewrite(full('/%REQ(:path)%\\1'))),
  fine('CORS with odd origins', {
    filters: [
      { type: 'CORS', cors: { allowOrigins: ['http://*', 'https://-:99999', 'https://*.-'], maxAge: 2147483647 } },
    ],
  }),
  badRule('a filter that is not supported', {
    filters: [{ type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Filter', name: 'f' } }],
  }),
]

const limits: readonly Mistake[] = [
  fine('more retries than a number holds', { retry: { attempts: 5e12, backoff: '99999h99999h' } }),
  fine('no retries, of every code', {
    retry: { attempts: 0, codes: Array.from({ length: 200 }, (_, at) => 400 + at) },
  }),
  fine('timeouts of nothing', { timeouts: { request: '0s', backendRequest: '0h0m0s0ms' } }),
  fine('timeouts of decades', { timeouts: { request: '99999h99999h', backendRequest: '99999h' } }),
  fine('weights of a million, and of nothing', {
    backendRefs: [
      ...Array.from({ length: 14 }, () => ({ name: 'v1', port: 80, weight: 1_000_000 })),
      { name: 'v2', port: 80, weight: 0, filters: [{ type: 'URLRewrite', urlRewrite: { hostname: 'a' } }] },
    ],
  }),
  fine('weights that are all nothing', { backendRefs: [{ name: 'v1', port: 80, weight: 0 }] }, 500),
  badRule('a session of less than a second', {
    sessionPersistence: { cookie: { lifetimeType: 'Permanent' }, absoluteTimeout: '1ms' },
  }),
]

const namedSlice = { ...endpointSlice('named', 9), addressType: 'FQDN', endpoints: [{ addresses: ['a.example'] }] }

const references: readonly Mistake[] = [
  unresolved('a Service that does not exist', 'BackendNotFound', { name: 'none', port: 80 }),
  unresolved('a port that does not exist', 'BackendNotFound', { name: 'v1', port: 81 }),
  unresolved('a kind of backend that nobody knows', 'InvalidKind', { group: 'a.example', kind: 'Bucket', name: 'b' }),
  unresolved('a Service that no grant permits', 'RefNotPermitted', { name: 'v1', namespace: 'else', port: 80 }),
  unresolved(
    'a protocol that no route speaks',
    'UnsupportedProtocol',
    { name: 'mail', port: 80 },
    service('mail', 'smtp'),
  ),
  {
    ...unresolved('a Service without addresses', '', { name: 'empty', port: 80 }, service('empty')),
    ...{ says: { [route]: accepted }, plain: 503 },
  },
  {
    ...unresolved('a Service with names for addresses', '', { name: 'named', port: 80 }, service('named'), namedSlice),
    ...{ says: { [route]: accepted }, plain: 503 },
  },
  {
    ...fine('a mirror that does not exist', {
      filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: 'none', port: 80 } } }],
    }),
    says: { [route]: { Accepted: 'True Accepted', ResolvedRefs: 'False BackendNotFound' } },
  },
]

const parents: readonly Mistake[] = [
  unattached('a section that its parent lacks', 'NoMatchingParent', {
    parentRefs: [{ name: 'other', sectionName: 'x' }],
  }),
  unattached('a port that its parent lacks', 'NoMatchingParent', { parentRefs: [{ name: 'other', port: 1 }] }),
  unattached('a hostname that no listener takes', 'NoMatchingListenerHostname', { hostnames: ['else.example'] }),
  {
    name: 'a parent that does not exist',
    objects: () => [culpritRoute({}, { parentRefs: [{ name: 'none' }] })],
    plain: 404,
  },
  {
    name: 'odd hostnames beside its own',
    objects: () => [
      culpritRoute({}, { hostnames: [culpritHosts.plain, '1.2.3', '*.a', 'a', `${'x'.repeat(63)}.example`] }),
    ],
    says: { [route]: accepted },
  },
  {
    name: 'the hostname of a neighbour, on listeners that are not open to it',
    objects: () => [culpritRoute({}, { hostnames: ['plain.neighbour.example'] })],
    says: { [route]: { Accepted: 'False NoMatchingListenerHostname' } },
    plain: 404,
  },
]

const paths = Array.from({ length: 64 }, (_, at) => ({ path: { type: 'PathPrefix', value: `/path-${at}` } }))
const largestRule = { backendRefs: [{ name: 'v1', port: 80 }], matches: paths }
const largest = culpritRoute({}, { rules: [largestRule, largestRule] })

const manyMatches: Mistake = {
  name: 'thousands of matches',
  objects: () => Array.from({ length: 20 }, (_, at) => ({ ...largest, metadata: { name: `many-${at}` } })),
  says: { 'HTTPRoute many-19': accepted },
}

export const routeMistakes = [...expressions, ...edits, ...limits, ...references, ...parents, manyMatches]
