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

interface PhasedType {
  readonly typeUrl: string
  /** Changes go at once, past the phases. */
  readonly immediate?: true
  /** A client's handshake may wait for what is asked: answers and changes go at once, past the phases. */
  readonly onDemand?: true
  /** The type whose resource of the same name waits for this one before it is used. */
  readonly warms?: string
  /** The type whose resources this one names: asked for by every proxy that has any of this one. */
  readonly names?: string
  /** What else is asked for by every proxy that has any of this one. */
  readonly entails?: string
  /** Every proxy asks for it. */
  readonly expected?: true
}

/** A route table goes before the scope that names it, or hosts would answer 404 in between. */
export const envoyPhases: readonly (readonly PhasedType[])[] = [
  [
    { typeUrl: envoyTypes.cluster, expected: true },
    { typeUrl: envoyTypes.endpoints, immediate: true, warms: envoyTypes.cluster },
    { typeUrl: envoyTypes.secret, onDemand: true },
  ],
  [{ typeUrl: envoyTypes.listener, expected: true, entails: envoyTypes.scope }, { typeUrl: envoyTypes.table }],
  [{ typeUrl: envoyTypes.scope, names: envoyTypes.table }],
]
