// How a request finds its route table. Before anything else the connection manager writes `<port>/<authority>` into a
// private header, over whatever the client sent; what stands before the first ":" is the scope key.
import { packAny } from './any.ts'
import { type HeaderValueOption, HeaderValueOption_HeaderAppendAction } from './gen/envoy/config/core/v3/base.ts'
import type { TypedExtensionConfig } from './gen/envoy/config/core/v3/extension.ts'
import { Lua } from './gen/envoy/extensions/filters/http/lua/v3/lua.ts'
import type {
  HttpFilter,
  ScopedRoutes_ScopeKeyBuilder,
} from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts'
import { HeaderMutation } from './gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.ts'

/** Removed by every table before the request goes to a backend. */
export const scopeHeader = 'x-penstock-scope'

/** Removed by the hosts of such listeners: which of the port's TLS listeners the connection belongs to. */
export const servedHeader = 'x-penstock-served'

/**
 * How a TLS listener is named there. One that validates its clients is another listener than the one that did not before:
 * connections that stand are not let in by it.
 */
export const servedName = (hostname: string, isValidated: boolean): string =>
  `${hostname === '' ? '*' : hostname}${isValidated ? ' validated' : ''}`

export const scopeFilterName = 'penstock.scope'

export const scopeKeyBuilder: ScopedRoutes_ScopeKeyBuilder = {
  fragments: [
    {
      type: {
        $case: 'headerValueExtractor',
        value: { name: scopeHeader, elementSeparator: ':', extractType: { $case: 'index', value: 0 } },
      },
    },
  ],
}

/** `served`: the name of the listener that the connection was made to, where TLS tells it; may be a format of Envoy's. */
export function scopeMutation(port: number, served?: string): TypedExtensionConfig {
  const values = [
    overwrite(scopeHeader, `${port}/%REQ(:authority)%`),
    ...(served === undefined ? [] : [overwrite(servedHeader, served)]),
  ]
  return {
    name: scopeFilterName,
    typedConfig: packAny(
      'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
      HeaderMutation,
      { mutations: values.map((value) => ({ action: { $case: 'append' as const, value } })) },
    ),
  }
}

const overwrite = (key: string, value: string): HeaderValueOption => ({
  header: { key, value },
  appendAction: HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
})

/**
 * The second look-up, for what a scope key cannot say: upper case, wildcards, every host. Only a request that found no
 * route meets it, since every table switches it off. Reading the metadata makes Envoy resolve the route; it remembers
 * its first answer, so it is read once and whether a route was found shows in the route's name (all of ours have one).
 * NOTE: Envoy chooses the filters of a request by its first look-up. A filter that is off unless a route switches it on
 * would never run for a wildcard host: a filter that guards must stand on, and do nothing unless its route says so.
 */
const secondLookUp = `
function envoy_on_request(request)
  local headers = request:headers()
  local scope = headers:get("${scopeHeader}")
  local lower = string.lower(scope)
  if lower ~= scope then
    headers:replace("${scopeHeader}", lower)
    request:clearRouteCache()
    request:metadata()
    if request:streamInfo():routeName() ~= "" then return end
  end
  headers:replace("${scopeHeader}", string.match(scope, "^%d+/") .. "*")
  request:clearRouteCache()
end
`

export const scopeFilter: HttpFilter = {
  name: scopeFilterName,
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.filters.http.lua.v3.Lua', Lua, {
      defaultSourceCode: { specifier: { $case: 'inlineString', value: secondLookUp } },
    }),
  },
}
