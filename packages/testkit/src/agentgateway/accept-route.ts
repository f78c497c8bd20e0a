// Routes as the proxy keeps them.

import { acceptMatch, type Match } from './accept-match.ts'
import { acceptReference, type Target } from './accept-reference.ts'
import { acceptBackendPolicy, acceptTrafficPolicy, type BackendRule, type TrafficRule } from './accept-rule.ts'
import type { RouteBackend, Route as RouteMessage, RouteName, TcpRoute as TcpRouteMessage } from './tables.ts'
import { refuse, required, type Warn } from './verdict.ts'

export interface Route {
  readonly key: string
  readonly name: RouteName
  readonly hostnames: readonly string[]
  readonly matches: readonly Match[]
  readonly backends: readonly WeightedTarget[]
  readonly rules: readonly TrafficRule[]
}

export interface WeightedTarget {
  readonly weight: number
  readonly target: Target
  readonly rules: readonly BackendRule[]
}

/** Takes connections, not requests; its hostnames are names that a TLS client asks for. */
export interface TcpRoute {
  readonly key: string
  readonly name: RouteName
  readonly hostnames: readonly string[]
  readonly backends: readonly WeightedTarget[]
}

/** Where a route stands: `listener <key>`, `group <key>` or `service <namespace>/<hostname>`. */
export type Home = string

export function acceptRoute(message: RouteMessage, warn: Warn): { route: Route; home: Home } {
  const name = required(message.name)
  if (message.servicePort > 65_535) refuse(`invalid service_port ${message.servicePort}`)
  const route = {
    key: message.key,
    name,
    hostnames: message.hostnames,
    matches: message.matches.map((match) => acceptMatch(match, warn)),
    backends: message.backends.map((backend) => acceptBackend(backend, warn)),
    rules: message.trafficPolicies.map((policy) => acceptTrafficPolicy(policy, warn)),
  }
  return { route, home: message.routeGroupKey ? `group ${message.routeGroupKey}` : homeOf(message) }
}

export function acceptTcpRoute(message: TcpRouteMessage): { route: TcpRoute; home: Home } {
  if (message.servicePort > 65_535) refuse(`invalid service_port ${message.servicePort}`)
  const route = {
    key: message.key,
    name: required(message.name),
    hostnames: message.hostnames,
    backends: message.backends.map(({ backend, weight }) => ({
      ...{ weight: natural(weight), target: acceptReference(backend), rules: [] },
    })),
  }
  return { route, home: homeOf(message) }
}

function homeOf({ serviceKey, listenerKey }: Pick<RouteMessage, 'serviceKey' | 'listenerKey'>): Home {
  const isService = serviceKey !== undefined && `${serviceKey.namespace}${serviceKey.hostname}` !== ''
  return isService ? `service ${serviceKey.namespace}/${serviceKey.hostname}` : `listener ${listenerKey}`
}

function acceptBackend({ backend, weight, backendPolicies, routeGroupKey }: RouteBackend, warn: Warn): WeightedTarget {
  const rules = backendPolicies.map((policy) => acceptBackendPolicy(policy, warn))
  const target: Target = routeGroupKey === undefined ? acceptReference(backend) : { is: 'group', key: routeGroupKey }
  return { weight: natural(weight), target, rules }
}

/** The proxy would take a negative weight for one near 2^64, so this client does not take it at all. */
const natural = (weight: number): number => (weight < 0 ? refuse(`negative weight ${weight}`) : weight)
