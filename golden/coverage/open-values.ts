// Values that no schema lists and that change what a proxy does, and forms that several fields make together.
import type { Resource } from '@penstock/gateway-api'
import { equals } from './schema-fields.ts'

const values: Readonly<Record<string, readonly unknown[]>> = {
  'Service spec.type': ['ExternalName'],
  'Service spec.clusterIP': ['None'],
  'Service spec.ports[].protocol': ['UDP'],
  'Service spec.ports[].appProtocol': [
    'http',
    'https',
    'grpc',
    'kubernetes.io/h2c',
    'kubernetes.io/ws',
    'kubernetes.io/wss',
  ],
  'EndpointSlice addressType': ['IPv4', 'IPv6', 'FQDN'],
  'EndpointSlice endpoints[].conditions.ready': [false],
  'Gateway spec.listeners[].protocol': ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP'],
  'Gateway spec.addresses[].type': ['IPAddress', 'Hostname'],
  'ListenerSet spec.listeners[].protocol': ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP'],
  'HTTPRoute spec.parentRefs[].kind': ['Gateway', 'ListenerSet', 'Service'],
  'GRPCRoute spec.parentRefs[].kind': ['Gateway', 'ListenerSet', 'Service'],
  'HTTPRoute spec.rules[].timeouts.request': ['0s'],
  'HTTPRoute spec.rules[].timeouts.backendRequest': ['0s'],
  'HTTPRoute spec.rules[].retry.codes[]': [500, 502, 503, 504],
  'HTTPRoute spec.rules[].retry.attempts': [0],
  'HTTPRoute spec.rules[].backendRefs[].weight': [0],
  'GRPCRoute spec.rules[].backendRefs[].weight': [0],
  'HTTPRoute spec.rules[].filters[].requestMirror.percent': [0, 100],
  'GRPCRoute spec.rules[].filters[].requestMirror.percent': [0, 100],
  'HTTPRoute spec.rules[].filters[].requestRedirect.scheme': ['http', 'https'],
  'HTTPRoute spec.rules[].filters[].cors.allowOrigins[]': ['*', 'https://*.bar.com'],
  'HTTPRoute spec.rules[].filters[].cors.allowMethods[]': ['*'],
  'HTTPRoute spec.rules[].filters[].cors.allowHeaders[]': ['*'],
  'HTTPRoute spec.rules[].filters[].cors.exposeHeaders[]': ['*'],
  'HTTPRoute spec.rules[].filters[].cors.allowCredentials': [true, false],
}

/** A part of a rule, such as a match or a filter's settings. */
type Part = Readonly<Record<string, unknown>>
type Of = 'rules' | 'matches' | 'redirects' | 'rewrites'

interface Form {
  readonly kind: 'HTTPRoute' | 'GRPCRoute'
  readonly of: Of
  readonly with: readonly string[]
  readonly without?: readonly string[]
  /** What has to be equal. */
  readonly where?: Part
}

const forms: Readonly<Record<string, Form>> = {
  'HTTPRoute rule without matches': { kind: 'HTTPRoute', of: 'rules', with: [], without: ['matches'] },
  'HTTPRoute rule without backends': { kind: 'HTTPRoute', of: 'rules', with: [], without: ['backendRefs', 'filters'] },
  'HTTPRoute rule with a filter alone': {
    kind: 'HTTPRoute',
    of: 'rules',
    with: ['filters'],
    without: ['backendRefs'],
  },
  'HTTPRoute match by all at once': {
    kind: 'HTTPRoute',
    of: 'matches',
    with: ['path', 'method', 'headers', 'queryParams'],
  },
  'HTTPRoute match by method alone': {
    kind: 'HTTPRoute',
    of: 'matches',
    with: ['method'],
    without: ['path', 'headers', 'queryParams'],
  },
  'redirect to a host alone': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['hostname'],
    without: ['scheme', 'port', 'path'],
  },
  'redirect to a scheme alone': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['scheme'],
    without: ['hostname', 'port', 'path'],
  },
  'redirect to a port alone': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['port'],
    without: ['scheme', 'hostname', 'path'],
  },
  'redirect to a path alone': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['path'],
    without: ['scheme', 'hostname', 'port'],
  },
  'redirect to scheme and port': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['scheme', 'port'],
    without: ['hostname', 'path'],
  },
  'redirect to everything': { kind: 'HTTPRoute', of: 'redirects', with: ['scheme', 'hostname', 'port', 'path'] },
  'redirect with a status alone': {
    kind: 'HTTPRoute',
    of: 'redirects',
    with: ['statusCode'],
    without: ['scheme', 'hostname', 'port', 'path'],
  },
  'rewrite of host and path': { kind: 'HTTPRoute', of: 'rewrites', with: ['hostname', 'path'] },
  'rewrite of the host alone': { kind: 'HTTPRoute', of: 'rewrites', with: ['hostname'], without: ['path'] },
  'rewrite of the path alone': { kind: 'HTTPRoute', of: 'rewrites', with: ['path'], without: ['hostname'] },
  'GRPCRoute rule without matches': { kind: 'GRPCRoute', of: 'rules', with: [], without: ['matches'] },
  'GRPCRoute rule without backends': { kind: 'GRPCRoute', of: 'rules', with: [], without: ['backendRefs', 'filters'] },
  'GRPCRoute match by headers alone': { kind: 'GRPCRoute', of: 'matches', with: ['headers'], without: ['method'] },
  'GRPCRoute match by method and headers': { kind: 'GRPCRoute', of: 'matches', with: ['headers', 'method'] },
  ...Object.fromEntries(
    ['Exact', 'RegularExpression'].flatMap((type): [string, Form][] => [
      [`GRPCRoute match of service alone, ${type}`, grpcMatch(type, ['service'], ['method'])],
      [`GRPCRoute match of method alone, ${type}`, grpcMatch(type, ['method'], ['service'])],
      [`GRPCRoute match of service and method, ${type}`, grpcMatch(type, ['service', 'method'], [])],
    ]),
  ),
}

function grpcMatch(type: string, fields: readonly string[], without: readonly string[]): Form {
  const path = (field: string): string => `method.${field}`
  return {
    kind: 'GRPCRoute',
    of: 'matches',
    with: fields.map(path),
    without: without.map(path),
    where: { 'method.type': type },
  }
}

export const openValues: readonly string[] = [
  ...Object.entries(values).flatMap(([place, list]) => list.map((value) => equals(place, value))),
  ...Object.keys(forms),
]

/** The forms that a document, as it is written, takes. */
export function formsIn(document: Resource): readonly string[] {
  return Object.entries(forms)
    .filter(([, form]) => form.kind === document.kind && partsOf(document, form.of).some((part) => has(part, form)))
    .map(([name]) => name)
}

function has(part: Part, { with: fields, without = [], where = {} }: Form): boolean {
  return (
    fields.every((field) => at(part, field) !== undefined) &&
    without.every((field) => at(part, field) === undefined) &&
    Object.entries(where).every(([field, value]) => (at(part, field) ?? 'Exact') === value)
  )
}

function at(part: Part, field: string): unknown {
  return field.split('.').reduce<unknown>((value, name) => (value as Part | undefined)?.[name], part)
}

function partsOf(document: Resource, of: Of): readonly Part[] {
  const rules = listIn([(document as { readonly spec?: Part }).spec ?? {}], 'rules')
  if (of === 'rules') return rules
  if (of === 'matches') return listIn(rules, 'matches')
  const filters = [...listIn(rules, 'filters'), ...listIn(listIn(rules, 'backendRefs'), 'filters')]
  const field = of === 'redirects' ? 'requestRedirect' : 'urlRewrite'
  return filters.flatMap((filter) => (filter[field] === undefined ? [] : [filter[field] as Part]))
}

const listIn = (parts: readonly Part[], name: string): readonly Part[] =>
  parts.flatMap((part) => (part[name] ?? []) as readonly Part[])
