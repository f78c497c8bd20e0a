// Scopes: which key selects which table. One for each exact host, one for all other hosts of a port, and an anchor for
// each table, because Envoy subscribes only to tables that a scope names: so a host's first route finds its table there.
import { ScopedRouteConfiguration } from './gen/envoy/config/route/v3/scoped_route.ts'
import { placeKey } from './place.ts'
import { encodeResource, type Resource } from './resource.ts'
import { tablesOfPort, wildcardTable } from './tables.ts'

/** `port` is the number; the scope's name is its key. */
export function encodeScope(port: string, host: string, table: string): Resource {
  const name = placeKey(port, host)
  return encodeResource(ScopedRouteConfiguration, {
    name,
    routeConfigurationName: `${port}/${table}`,
    key: { fragments: [{ type: { $case: 'stringKey', value: name } }] },
  })
}

/** The scopes that a port has without any host: as what they are named after the port, and the table. */
export const standingScopes: readonly (readonly [name: string, table: string])[] = tablesOfPort.map((table) =>
  // No host holds a "#".
  table === wildcardTable ? [wildcardTable, table] : [`#${table}`, table],
)
