// A listener as its Gateway or ListenerSet alone declares it: what it claims, what it may take, and what is wrong with it
// before anything else is looked at (Gateway API: Listener, ListenerEntry). It does not change with their generations.
import {
  type ConditionReason,
  type GatewayListener,
  type GatewayTlsFrontend,
  type ListenerSetListener,
  type NamespaceRule,
  normalizeHostname,
  type ObjectReference,
  objectKey,
  type RouteKind,
  supportedKinds,
} from '@penstock/gateway-api'
import { type ListenerCase, listenerKey, type RequestCapabilities } from '@penstock/ir'
import { type ClientValidationClaim, claimClientValidation, validationFeature } from './frontend-tls.ts'
import type { Problem } from './problem.ts'
import { refusals, refusedOfListener } from './refused.ts'

export type Conflict = Problem<'HostnameConflict' | 'ProtocolConflict'>

/** What declares a listener. */
export interface ListenerOwner {
  readonly kind: 'Gateway' | 'ListenerSet'
  readonly namespace: string
  readonly name: string
}

type Place = Pick<ListenerOwner, 'namespace' | 'name'>

export interface ListenerClaim {
  readonly gateway: Place
  readonly owner: ListenerOwner
  readonly section: string
  readonly fleet: string
  /** The claim that sorts first wins: by Gateway (where fleets are shared), owner and section. */
  readonly precedence: string
  readonly port: number
  readonly isTcp: boolean
  /** Absent: a protocol that we do not serve. */
  readonly protocol?: ListenerCase
  readonly hostname: string
  readonly namespaces: NamespaceRule
  /** The kinds of route that may attach. */
  readonly kinds: readonly RouteKind[]
  readonly invalidKinds: readonly RouteKind[]
  readonly certificateRefs: readonly ObjectReference[]
  /** Absent: clients are asked for no certificate. */
  readonly clientValidation?: ClientValidationClaim
  /** Why it is not accepted, but for conflicts. */
  readonly problems: readonly Problem<ConditionReason<'Listener', 'Accepted'>>[]
  /** With a neighbour in the same Gateway. */
  readonly conflict?: Conflict
  readonly gatewayAccepted: boolean
}

/** What the listeners of one owner have in common. */
export interface ListenerHome {
  readonly gateway: Place
  readonly owner: ListenerOwner
  readonly fleet: string
  readonly precedence: string
  readonly gatewayAccepted: boolean
  /** What its Gateway asks of clients. */
  readonly frontend: GatewayTlsFrontend | undefined
  /** Of the plane. */
  readonly capabilities: RequestCapabilities
}

/** One listener, by itself: conflicts come later (listener-conflicts.ts). */
export function claimListener(listener: GatewayListener | ListenerSetListener, home: ListenerHome): ListenerClaim {
  const { capabilities } = home
  const known = protocolCases[listener.protocol]
  const protocol = known && capabilities.listeners.has(known) ? known : undefined
  const asked = protocol === 'https' ? claimClientValidation(home.frontend, listener.port) : undefined
  const clientValidation = capabilities.features.has(validationFeature) ? asked : undefined
  const { kinds, invalid } = supportedKinds(listener, implementedKinds)
  const claim = {
    gateway: home.gateway,
    owner: home.owner,
    section: listener.name,
    fleet: home.fleet,
    precedence: `${home.precedence} ${listener.name}`,
    port: listener.port,
    isTcp: listener.protocol !== 'UDP',
    ...(protocol ? { protocol } : {}),
    hostname: normalizeHostname(listener.hostname),
    namespaces: listener.allowedRoutes.namespaces,
    kinds: protocol ? kinds : [],
    invalidKinds: protocol ? invalid : [],
    certificateRefs: protocol === 'https' ? (listener.tls?.certificateRefs ?? []) : [],
    ...(clientValidation ? { clientValidation } : {}),
    gatewayAccepted: home.gatewayAccepted,
  }
  const unsupported = {
    reason: 'UnsupportedProtocol',
    message: `${nameOfListener(claim)} asks for the protocol ${listener.protocol}, which Penstock does not serve yet.`,
  } as const
  const problems = refusals(
    refusedOfListener,
    { listener, validatesClients: asked !== undefined, capabilities },
    nameOfListener(claim),
  )
  return { ...claim, problems: protocol ? problems : [unsupported, ...problems] }
}

/** The key of the RESOURCE record. */
export const keyOfOwner = (owner: ListenerOwner): string => objectKey({ group: 'gateway.networking.k8s.io', ...owner })

export const keyOfGateway = ({ namespace, name }: Place): string => keyOfOwner({ kind: 'Gateway', namespace, name })

export const keyOfListener = ({
  gateway,
  owner,
  section,
}: Pick<ListenerClaim, 'gateway' | 'owner' | 'section'>): string =>
  listenerKey({
    gatewayNamespace: gateway.namespace,
    gatewayName: gateway.name,
    ownerKind: owner.kind,
    ownerNamespace: owner.namespace,
    ownerName: owner.name,
    section,
  })

/** `Listener http of Gateway default/gw` */
export const nameOfListener = ({ owner, section }: Pick<ListenerClaim, 'owner' | 'section'>): string =>
  `Listener ${section} of ${owner.kind} ${owner.namespace}/${owner.name}`

const protocolCases: Readonly<Record<string, ListenerCase>> = { HTTP: 'http', HTTPS: 'https' }

const implementedKinds: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute'])
