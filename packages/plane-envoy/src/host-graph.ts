// The plane's graph, continued: from rules to the hosts that take them, to route tables and scopes.
import type { Collection, Entry, Index, Read } from '@penstock/incremental'
import type { EffectiveHostname } from '@penstock/ir'
import { nameOf } from './fleet-key.ts'
import type { Foundation } from './graph.ts'
import { servedBy, siteOf } from './listeners.ts'
import { coveringHosts, hostRank, isExactHost, parsePlace, placeKey, portKey } from './place.ts'
import type { Resource } from './resource.ts'
import { emitRoutes, type OrderedRoute } from './routes.ts'
import { encodeScope, standingScopes } from './scopes.ts'
import { composeTable, tableOf, tablesOfPort } from './tables.ts'
import { encodeVirtualHost } from './virtual-host.ts'

/** The encoded routes of one rule at one listener. */
interface AttachedRoutes {
  readonly listener: string
  readonly hostnames: readonly EffectiveHostname[]
  readonly routes: readonly OrderedRoute[]
}

interface VirtualHost {
  /** `<fleet>/<port>/<table>` */
  readonly table: string
  readonly bytes: Uint8Array
}

export function declareHosts(foundation: Foundation): { tables: Collection<Resource>; scopes: Collection<Resource> } {
  const { graph, ports } = foundation
  const virtualHosts = declareVirtualHosts(foundation)
  const virtualHostsIn = graph.index('virtualHostsIn', virtualHosts, ({ table }) => [table])
  const tableKeys = graph.spread('tableKeys', ports, (_, port) =>
    tablesOfPort.map((table) => [placeKey(port, table), true] as const),
  )
  const tables = graph.derive('tables', tableKeys, (_, key, read) =>
    composeTable(
      nameOf(key),
      read.lookup(virtualHostsIn, key).map(({ value }) => value.bytes),
    ),
  )
  const anchors = graph.spread('anchors', ports, (_, port) =>
    standingScopes.map(([name, table]) => [placeKey(port, name), encodeScope(nameOf(port), name, table)] as const),
  )
  const hostScopes = graph.derive('hostScopes', virtualHosts, (_, key) => {
    const { port, host } = parsePlace(key)
    return isExactHost(host) ? encodeScope(nameOf(port), host, tableOf(host)) : undefined
  })
  return { tables, scopes: graph.union('scopes', [hostScopes, anchors]) }
}

function declareVirtualHosts(foundation: Foundation): Collection<VirtualHost> {
  const { graph, records, connected, attached, owned, owners } = foundation
  const sites = graph.derive('sites', records.listener, siteOf)
  const served = graph.derive('served', records.listener, servedBy)
  const rulesAt = graph.index('rulesAt', attached, ({ attachment: { fleet, port, hostnames } }) =>
    hostnames.map(({ hostname }) => placeKey(portKey(fleet, port), hostname)),
  )
  const places = graph.union('places', [owned, rulesAt.keys])
  const routes = graph.derive('routes', attached, ({ ruleKey, rule, attachment }, _, read) => {
    const { fleet, listener, hostnames } = attachment
    const site = read.get(connected, fleet) && read.get(sites, listener)
    return site && { listener, hostnames, routes: emitRoutes(rule, ruleKey, site) }
  })
  const routesAt = graph.index('routesAt', routes, ({ listener, hostnames }) =>
    hostnames.map(({ hostname }) => `${listener}|${hostname}`),
  )
  return graph.derive('virtualHosts', places, (_, place, read) =>
    read.get(connected, parsePlace(place).fleet) ? toVirtualHost(place, read, { owners, served, routesAt }) : undefined,
  )
}

interface HostReads {
  /** By place: the listener that claims it. */
  readonly owners: Collection<string>
  /** By TLS listener: under which name connections to it are known. */
  readonly served: Collection<string>
  /** By `<listener>|<host>` */
  readonly routesAt: Index<AttachedRoutes>
}

/**
 * The host's requests belong to the listener that is most specific for it; no other listener's rules take part (Gateway
 * API, HTTP listener isolation). A wildcard host takes that listener's rules for less specific hosts too. So would an
 * exact host, but its unmatched requests go on to the wildcard table instead, where exactly these rules stand: then an
 * edit of a rule for every host does not touch every host. Where the listener itself is for this one host, no rule of it
 * can stand anywhere else, and the request is answered.
 */
function toVirtualHost(place: string, read: Read, { owners, served, routesAt }: HostReads): VirtualHost | undefined {
  const { port, host } = parsePlace(place)
  const covering = coveringHosts(host)
  let owner: string | undefined
  let ownerHost = ''
  for (ownerHost of covering) {
    owner = read.get(owners, placeKey(port, ownerHost))
    if (owner !== undefined) break
  }
  if (owner === undefined) return undefined
  const exact = isExactHost(host)
  const hosts = exact ? [host] : covering.slice(0, covering.indexOf(ownerHost) + 1)
  const routes = hosts.flatMap((at) => rankRoutes(read.lookup(routesAt, `${owner}|${at}`), at))
  const ending = exact && ownerHost !== host ? 'next' : '404'
  const name = read.get(served, owner)
  const bytes = encodeVirtualHost(host, routes, { ending, ...(name === undefined ? {} : { owner: name }) })
  return { table: placeKey(port, tableOf(host)), bytes }
}

/** A rule may reach one host by several of its hostnames; the most specific one counts. */
function rankRoutes(entries: readonly Entry<AttachedRoutes>[], at: string): OrderedRoute[] {
  return entries.flatMap(({ value: { hostnames, routes } }) => {
    const [rank] = hostnames
      .filter(({ hostname }) => hostname === at)
      .map(({ routeHostname }) => hostRank(routeHostname))
      .sort()
    return routes.map(({ order, bytes }) => ({ order: `${rank}\0${order}`, bytes }))
  })
}
