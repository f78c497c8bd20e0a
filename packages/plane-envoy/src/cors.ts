// CORS (Gateway API, HTTPCORSFilter): the filter stands switched on in every listener and does nothing unless the route
// that a request found has a policy.
import type { Cors } from '@penstock/ir'
import { packAny } from './any.ts'
import type { HeaderMatcher, Route } from './gen/envoy/config/route/v3/route_components.ts'
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

/** The route with its policy, mostly as one route. */
export function addCors(route: Route, cors: Cors): Route[] {
  const allowing = withPolicy(route, cors)
  if (!cors.allowHeaders.includes('*')) return [allowing]
  // Envoy says what was asked for, and an empty header where nothing was, which must be left out.
  const match = { ...route.match, headers: [...(route.match?.headers ?? []), asksForNoHeaders] }
  return [withPolicy({ ...route, match }, { ...cors, allowHeaders: [] }), allowing]
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
    allowOriginStringMatch: allowOrigins.map(emitOrigin),
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
function emitOrigin(origin: string): StringMatcher {
  if (origin === '*') return { matchPattern: { $case: 'safeRegex', value: { regex: '.*' } } }
  const [, scheme = '', host = '', port = wellKnownPorts[scheme] ?? ''] =
    /^([^:]+):..([^:]+)(?::(.+))?$/.exec(origin) ?? []
  const ports = port === wellKnownPorts[scheme] ? `(:${port})?` : `:${port}`
  return { matchPattern: { $case: 'safeRegex', value: { regex: `${scheme}://${hostRegex(host)}${ports}` } } }
}

function hostRegex(host: string): string {
  if (host === '*') return '([^:/]+|\\[[^/]+\\])'
  return host.replaceAll('.', '\\.').replace('*', '[^:/]+')
}
