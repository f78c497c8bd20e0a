// A listener as its Gateway alone declares it: what it claims, what it may take, and what is wrong with it before anything
// else is looked at (Gateway API: Listener). It does not change with the Gateway's generation.
import {
  type ConditionReason,
  type Gateway,
  type GatewayListener,
  type NamespaceRule,
  normalizeHostname,
  type ObjectReference,
  objectKey,
  type RouteKind,
  supportedKinds,
} from '@penstock/gateway-api'
import { type ListenerCase, listenerKey } from '@penstock/ir'
import type { Problem } from './problem.ts'
import { refusals, refusedOfListener } from './refused.ts'

export type Conflict = Problem<'HostnameConflict' | 'ProtocolConflict'>

export interface ListenerClaim {
  readonly gateway: { readonly namespace: string; readonly name: string }
  readonly section: string
  readonly fleet: string
  /** Age and name of the Gateway, then the section: the older claim wins where fleets are shared. */
  readonly precedence: string
  readonly port: number
  /** Absent: a protocol that we do not serve. */
  readonly protocol?: ListenerCase
  readonly hostname: string
  readonly namespaces: NamespaceRule
  /** The kinds of route that may attach. */
  readonly kinds: readonly RouteKind[]
  readonly invalidKinds: readonly RouteKind[]
  readonly certificateRefs: readonly ObjectReference[]
  /** Why it is not accepted, but for conflicts. */
  readonly problems: readonly Problem<ConditionReason<'Listener', 'Accepted'>>[]
  /** With a neighbour in the same Gateway. */
  readonly conflict?: Conflict
  /** Sections of the same Gateway whose TLS hostnames overlap with this one's. */
  readonly overlaps: readonly string[]
  readonly gatewayAccepted: boolean
}

/** What a Gateway's listeners have in common. */
export interface ListenerHome {
  readonly fleet: string
  readonly precedence: string
  readonly gatewayAccepted: boolean
  /** What the plane can serve. */
  readonly protocols: ReadonlySet<ListenerCase>
}

/** One listener, by itself: conflicts come later (listener-conflicts.ts). */
export function claimListener(gateway: Gateway, listener: GatewayListener, home: ListenerHome): ListenerClaim {
  const { metadata } = gateway
  const known = protocolCases[listener.protocol]
  const protocol = known && home.protocols.has(known) ? known : undefined
  const { kinds, invalid } = supportedKinds(listener, implementedKinds)
  const claim = {
    gateway: { namespace: metadata.namespace ?? '', name: metadata.name },
    section: listener.name,
    fleet: home.fleet,
    precedence: `${home.precedence} ${listener.name}`,
    port: listener.port,
    ...(protocol ? { protocol } : {}),
    hostname: normalizeHostname(listener.hostname),
    namespaces: listener.allowedRoutes.namespaces,
    kinds: protocol ? kinds : [],
    invalidKinds: protocol ? invalid : [],
    certificateRefs: protocol === 'https' ? (listener.tls?.certificateRefs ?? []) : [],
    overlaps: [],
    gatewayAccepted: home.gatewayAccepted,
  }
  const unsupported = {
    reason: 'UnsupportedProtocol',
    message: `${nameOfListener(claim)} asks for the protocol ${listener.protocol}, which Penstock does not serve yet.`,
  } as const
  const problems = refusals(refusedOfListener, { listener, gateway }, nameOfListener(claim))
  return { ...claim, problems: protocol ? problems : [unsupported, ...problems] }
}

/** The key of the RESOURCE record. */
export const keyOfGateway = ({ namespace, name }: ListenerClaim['gateway']): string =>
  objectKey({ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace, name })

export const keyOfListener = ({ gateway, section }: Pick<ListenerClaim, 'gateway' | 'section'>): string =>
  listenerKey({
    gatewayNamespace: gateway.namespace,
    gatewayName: gateway.name,
    ownerKind: 'Gateway',
    ownerNamespace: gateway.namespace,
    ownerName: gateway.name,
    section,
  })

/** `Listener http of Gateway default/gw` */
export const nameOfListener = ({ gateway, section }: Pick<ListenerClaim, 'gateway' | 'section'>): string =>
  `Listener ${section} of Gateway ${gateway.namespace}/${gateway.name}`

const protocolCases: Readonly<Record<string, ListenerCase>> = { HTTP: 'http', HTTPS: 'https' }

const implementedKinds: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute'])
