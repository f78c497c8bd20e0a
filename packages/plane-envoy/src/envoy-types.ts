// The resource types, and the order in which a proxy must acknowledge them so that nothing it has in force names
// something it lacks: make before break. Removals go the other way round.
import { typeUrl } from './any.ts'

export const envoyTypes = {
  cluster: typeUrl('envoy.config.cluster.v3.Cluster'),
  endpoints: typeUrl('envoy.config.endpoint.v3.ClusterLoadAssignment'),
  secret: typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret'),
  listener: typeUrl('envoy.config.listener.v3.Listener'),
  table: typeUrl('envoy.config.route.v3.RouteConfiguration'),
  scope: typeUrl('envoy.config.route.v3.ScopedRouteConfiguration'),
} as const

export type EnvoyType = keyof typeof envoyTypes

/** Type URLs by phase. A route table goes before the scope that names it, or hosts would answer 404 in between. */
export const envoyPhases: readonly (readonly string[])[] = [
  [envoyTypes.cluster, envoyTypes.endpoints, envoyTypes.secret],
  [envoyTypes.listener, envoyTypes.table],
  [envoyTypes.scope],
]
