// All routes that may take the requests of one host on one port, in order (Gateway API, HTTPRouteSpec: first the more
// specific hostname, then the match, then the older route), and what answers when none of them does.
import {
  type DirectResponseAction,
  Route,
  VirtualHost as VirtualHostMessage,
} from './gen/envoy/config/route/v3/route_components.ts'
import { appendBlocks } from './resource.ts'
import type { OrderedRoute } from './routes.ts'

/**
 * `next`: a request that no route takes goes on to the table of wildcard hosts (scopes.ts), where the same listener's
 * rules for less specific hostnames stand; `404`: it is answered.
 */
export type Ending = 'next' | '404'

/** `routes` may come in any order. */
export function encodeVirtualHost(host: string, routes: readonly OrderedRoute[], ending: Ending): Uint8Array {
  const domain = host === '' ? '*' : host
  const head = VirtualHostMessage.encode({ name: domain, domains: [domain] }).finish()
  const ordered = [...routes].sort(byOrder).map((route) => route.bytes)
  return appendBlocks(head, routesField, ending === '404' ? [...ordered, notFound] : ordered)
}

const routesField = 3
const direct: DirectResponseAction = { status: 404 }
// Named, so that whoever looks at a route's name can tell it from a request without any route.
const notFound = Route.encode({
  name: 'no-rule',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: direct },
}).finish()

function byOrder(a: OrderedRoute, b: OrderedRoute): number {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0
}
