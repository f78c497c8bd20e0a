// Route tables. Envoy rebuilds a whole RouteConfiguration on any change, so the exact hosts of a port are spread over a
// fixed number of tables by a hash of the host; wildcard hosts and "every host" share one table.
import { packAny } from './any.ts'
import { RouteConfiguration } from './gen/envoy/config/route/v3/route.ts'
import { FilterConfig } from './gen/envoy/config/route/v3/route_components.ts'
import { isExactHost } from './place.ts'
import { appendBlocks, type Resource, toResource } from './resource.ts'
import { scopeFilterName, scopeHeader } from './scope-key.ts'

export const shardCount = 128

/** The table of hosts that are not exact; its scope has the same name. */
export const wildcardTable = '*'

/** All tables of a port, as they are named after it: `<port>/<table>`. They all exist always. */
export const tablesOfPort: readonly string[] = [...Array.from({ length: shardCount }, (_, i) => `${i}`), wildcardTable]

export const tableOf = (host: string): string => (isExactHost(host) ? `${hash(host) % shardCount}` : wildcardTable)

/** The encoded virtual hosts put into a table by copying. */
export function composeTable(name: string, virtualHosts: readonly Uint8Array[]): Resource {
  return toResource(
    appendBlocks(RouteConfiguration.encode({ name, ...setup }).finish(), virtualHostsField, virtualHosts),
  )
}

const virtualHostsField = 2

const setup: RouteConfiguration = {
  ignorePortInHostMatching: true,
  requestHeadersToRemove: [scopeHeader],
  // A request that found its table needs no second look-up.
  typedPerFilterConfig: {
    [scopeFilterName]: packAny('envoy.config.route.v3.FilterConfig', FilterConfig, { disabled: true }),
  },
}

/** FNV-1a, 32 bits: the same on every replica, for ever. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
