// CORS (Gateway API, HTTPCORSFilter): the filter stands switched on in every listener and does nothing unless the route
// that a request found has a policy.
import type { Cors } from '@penstock/ir'
import { packAny } from './any.ts'
import { HeaderValueOption_HeaderAppendAction } from './gen/envoy/config/core/v3/base.ts'
import type { HeaderMatcher, Route, RouteAction } from './gen/envoy/config/route/v3/route_components.ts'
import { Cors as CorsFilter, CorsPolicy } from './gen/envoy/extensions/filters/http/cors/v3/cors.ts'
import type { HttpFilter } from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import type { StringMatcher } from './gen/envoy/type/matcher/v3/string.ts'
import type { Any } from './gen/google/protobuf/any.ts'

const corsFilterName = 'envoy.filters.http.cors'

export const corsFilter: HttpFilter = {
  name: corsFilterName,
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.filters.http.cors.v3.Cors', CorsFilter, {}),
  },
}

/** The route with its policy, mostly as one route; the first that takes a request counts. */
export function addCors(route: Route, cors: Cors): Route[] {
  if (route.action?.$case !== 'redirect') return addPolicy(route, cors)
  // Envoy speaks CORS only where it would forward a request, so around a redirect the routes say it.
  const allowing = cors.allowOrigins.length > 0 ? [allowingRedirect(route, cors)] : []
  return [...addPolicy(preflightOf(route), cors), ...allowing, route]
}

function addPolicy(route: Route, cors: Cors): Route[] {
  const allowing = withPolicy(route, cors)
  if (!cors.allowHeaders.includes('*')) return [allowing]
  // Envoy says what was asked for, and an empty header where nothing was, which must be left out.
  return [withPolicy(narrowed(route, [asksForNoHeaders]), { ...cors, allowHeaders: [] }), allowing]
}

const narrowed = (route: Route, headers: readonly HeaderMatcher[]): Route => ({
  ...route,
  match: { ...route.match, headers: [...(route.match?.headers ?? []), ...headers] },
})

/** Answered by the filter: its cluster never exists. */
function preflightOf(route: Route): Route {
  const action: RouteAction = { clusterSpecifier: { $case: 'cluster', value: 'answer/500' } }
  return { ...narrowed(route, preflight), action: { $case: 'route', value: action } }
}

const preflight: readonly HeaderMatcher[] = [
  {
    name: ':method',
    headerMatchSpecifier: { $case: 'stringMatch', value: { matchPattern: { $case: 'exact', value: 'OPTIONS' } } },
  },
  { name: 'origin', headerMatchSpecifier: { $case: 'presentMatch', value: true } },
  { name: 'access-control-request-method', headerMatchSpecifier: { $case: 'presentMatch', value: true } },
]

/** What the filter says beside an answer to an origin that is allowed. */
function allowingRedirect(route: Route, { allowOrigins, allowCredentials, exposeHeaders }: Cors): Route {
  const origin: HeaderMatcher = {
    name: 'origin',
    headerMatchSpecifier: { $case: 'stringMatch', value: matchRegex(allowOrigins.map(originRegex).join('|')) },
  }
  const said = {
    'access-control-allow-origin': '%REQ(origin)%',
    ...(allowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(exposeHeaders.length > 0
      ? { 'access-control-expose-headers': exposeHeaders.join(', ').replaceAll('%', '%%') }
      : {}),
  }
  const appendAction = HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
  const responseHeadersToAdd = Object.entries(said).map(([key, value]) => ({ header: { key, value }, appendAction }))
  return { ...narrowed(route, [origin]), responseHeadersToAdd }
}

const withPolicy = (route: Route, cors: Cors): Route => ({
  ...route,
  typedPerFilterConfig: { ...route.typedPerFilterConfig, [corsFilterName]: emitPolicy(cors) },
})

const asksForNoHeaders: HeaderMatcher = {
  name: 'access-control-request-headers',
  headerMatchSpecifier: { $case: 'presentMatch', value: false },
}

function emitPolicy(cors: Cors): Any {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAgeSeconds, allowCredentials } = cors
  return packAny('envoy.extensions.filters.http.cors.v3.CorsPolicy', CorsPolicy, {
    allowOriginStringMatch: allowOrigins.map((origin) => matchRegex(originRegex(origin))),
    allowMethods: allowMethods.join(', '),
    allowHeaders: allowHeaders.join(', '),
    exposeHeaders: exposeHeaders.join(', '),
    maxAge: `${maxAgeSeconds}`,
    allowCredentials,
    forwardNotMatchingPreflights: false,
  })
}

const wellKnownPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** The port of the scheme may be said or not, on either side. */
function originRegex(origin: string): string {
  if (origin === '*') return '.*'
  const [, scheme = '', host = '', port = wellKnownPorts[scheme] ?? ''] =
    /^([^:]+):..([^:]+)(?::(.+))?$/.exec(origin) ?? []
  const ports = port === wellKnownPorts[scheme] ? `(:${port})?` : `:${port}`
  return `${scheme}://${hostRegex(host)}${ports}`
}

function hostRegex(host: string): string {
  if (host === '*') return '([^:/]+|\\[[^/]+\\])'
  return host.replaceAll('.', '\\.').replace('*', '[^:/]+')
}

const matchRegex = (regex: string): StringMatcher => ({ matchPattern: { $case: 'safeRegex', value: { regex } } })
