// All routes that may take the requests of one host on one port, in order (Gateway API, HTTPRouteSpec: first the more
// specific hostname, then the match, then the older route), and what answers when none of them does.
import {
  type DirectResponseAction,
  Route,
  VirtualHost as VirtualHostMessage,
} from './gen/envoy/config/route/v3/route_components.ts'
import { appendBlocks } from './resource.ts'
import type { OrderedRoute } from './routes.ts'
import { servedHeader } from './scope-key.ts'

/**
 * `next`: a request that no route takes goes on to the table of wildcard hosts (scopes.ts), where the same listener's
 * rules for less specific hostnames stand; `404`: it is answered.
 */
export type Ending = 'next' | '404'

/**
 * `routes` may come in any order. `owner`: the name of the TLS listener that the host belongs to; a request that
 * comes over another's connection is misdirected, and its client may try again on one of its own (RFC 9110, 15.5.20).
 */
export function encodeVirtualHost(
  host: string,
  routes: readonly OrderedRoute[],
  { ending, owner }: { readonly ending: Ending; readonly owner?: string },
): Uint8Array {
  const domain = host === '' ? '*' : host
  const head = VirtualHostMessage.encode({
    name: domain,
    domains: [domain],
    ...(owner === undefined ? {} : { requestHeadersToRemove: [servedHeader] }),
  }).finish()
  const ordered = [...routes].sort(byOrder).map((route) => route.bytes)
  return appendBlocks(head, routesField, [
    ...(owner === undefined ? [] : [misdirected(owner)]),
    ...ordered,
    ...(ending === '404' ? [notFound] : []),
  ])
}

const routesField = 3
const direct: DirectResponseAction = { status: 404 }
// Named, so that whoever looks at a route's name can tell it from a request without any route.
const notFound = Route.encode({
  name: 'no-rule',
  match: { pathSpecifier: { $case: 'prefix', value: '/' } },
  action: { $case: 'directResponse', value: direct },
}).finish()

const misdirected = (owner: string): Uint8Array =>
  Route.encode({
    name: 'misdirected',
    match: {
      pathSpecifier: { $case: 'prefix', value: '/' },
      headers: [
        {
          name: servedHeader,
          headerMatchSpecifier: {
            $case: 'stringMatch',
            value: { matchPattern: { $case: 'exact', value: owner } },
          },
          invertMatch: true,
        },
      ],
    },
    action: { $case: 'directResponse', value: { status: 421 } },
  }).finish()

function byOrder(a: OrderedRoute, b: OrderedRoute): number {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0
}
