// Which listeners a route attaches to, and why not to the others (Gateway API: CommonRouteSpec.parentRefs, AllowedRoutes,
// HTTPRouteSpec.hostnames). Whether a listener serves does not matter here: attachment is a matter of the two specs.
import {
  type ConditionReason,
  compareHostnames,
  type GrpcRoute,
  type HttpRoute,
  intersectHostnames,
  normalizeHostname,
  type ParentReference,
} from '@penstock/gateway-api'
import type { Collection, Entry, Index, Read } from '@penstock/incremental'
import type { EffectiveHostname, PlaneName, Source } from '@penstock/ir'
import { type AllowedNamespaces, isAllowed } from './allowed-namespaces.ts'
import { keyOfListener, keyOfOwner, type ListenerClaim, type ListenerOwner } from './listener.ts'
import type { AttachPoint } from './listener-state.ts'
import type { Problem } from './problem.ts'

/** What routes need to know of a Gateway or of a ListenerSet. It does not change with its generation. */
export interface RouteParent {
  readonly fleet: string
  readonly planes: readonly PlaneName[]
  /** The Gateway that serves it. */
  readonly gateway: ListenerClaim['gateway']
}

export function routeParent({ source, fleet, planes, gateway = source }: RouteParentOwner): RouteParent {
  return { fleet, planes, gateway: { namespace: gateway.namespace, name: gateway.name } }
}

/** A Gateway, or a ListenerSet with its Gateway. */
type RouteParentOwner = Pick<RouteParent, 'fleet' | 'planes'> & Partial<RouteParent> & { readonly source: Source }

export interface ParentSources extends AllowedNamespaces {
  readonly routeParents: Collection<RouteParent>
  readonly attachPoints: Collection<AttachPoint>
  readonly attachPointsByOwner: Index<AttachPoint>
}

/** One declared reference to a Gateway of ours, or to a ListenerSet of one. */
export interface ParentOutcome {
  readonly ref: ParentReference
  readonly fleet: string
  readonly planes: readonly PlaneName[]
  readonly problem?: Problem<ConditionReason<'RouteParent', 'Accepted'>>
  readonly attached: readonly Attached[]
}

/** `key`: that of the listener. */
export interface Attached {
  readonly key: string
  readonly point: AttachPoint
  readonly hostnames: readonly EffectiveHostname[]
}

/** References to what is not ours give nothing: another controller answers for them. */
export function attachToParents(
  route: HttpRoute | GrpcRoute,
  read: Read,
  from: ParentSources,
): readonly ParentOutcome[] {
  return (route.spec.parentRefs ?? []).flatMap((ref) => {
    const { group, kind, namespace = route.metadata.namespace ?? '', name } = ref
    if (group !== gatewayGroup || (kind !== 'Gateway' && kind !== 'ListenerSet')) return []
    const owner = { kind, namespace, name } as const
    const parent = read.get(from.routeParents, keyOfOwner(owner))
    if (parent === undefined) return []
    const { fleet, planes } = parent
    return [{ ref, fleet, planes, ...attachToOwner(route, { ...ref, owner, ...parent }, read, from) }]
  })
}

type FoundParent = RouteParent & Pick<ParentReference, 'sectionName' | 'port'> & { readonly owner: ListenerOwner }

function attachToOwner(
  route: HttpRoute | GrpcRoute,
  parent: FoundParent,
  read: Read,
  from: ParentSources,
): Pick<ParentOutcome, 'problem' | 'attached'> {
  const { owner, sectionName, port } = parent
  const name = `${owner.kind} ${owner.namespace}/${owner.name}`
  const refuse = (reason: ConditionReason<'RouteParent', 'Accepted'>, message: string) => ({
    problem: { reason, message },
    attached: [],
  })
  const named = candidates(parent, read, from)
  if (named.length === 0) {
    const section = sectionName === undefined ? '' : ` named ${sectionName}`
    const onPort = port === undefined ? '' : ` on port ${port}`
    const letIn = owner.kind === 'Gateway' ? '' : ' that its Gateway lets in'
    return refuse('NoMatchingParent', `${name} has no listener${section}${onPort}${letIn}.`)
  }
  const open = named.filter(({ value }) => allows(value, route, read, from))
  if (open.length === 0) {
    const who = `${route.kind === 'HTTPRoute' ? 'an' : 'a'} ${route.kind} from namespace ${route.metadata.namespace}`
    return refuse('NotAllowedByListeners', `No listener of ${name} that the route names lets ${who} attach.`)
  }
  const attached = open
    .map(({ key, value }) => ({
      key,
      point: value,
      hostnames: effectiveHostnames(value.hostname, route.spec.hostnames),
    }))
    .filter(({ hostnames }) => hostnames.length > 0)
  if (attached.length === 0) {
    const hosts = [...new Set(open.map(({ value }) => value.hostname))].join(', ')
    const message = `None of spec.hostnames (${route.spec.hostnames?.join(', ')}) is within what ${name} listens for (${hosts}).`
    return refuse('NoMatchingListenerHostname', message)
  }
  return { attached }
}

/** By section it is one read, so that a neighbour of that listener changes nothing for the route. */
function candidates(
  { gateway, owner, sectionName, port }: FoundParent,
  read: Read,
  from: ParentSources,
): readonly Entry<AttachPoint>[] {
  if (sectionName === undefined) {
    const all = read.lookup(from.attachPointsByOwner, keyOfOwner(owner))
    return port === undefined ? all : all.filter(({ value }) => value.port === port)
  }
  const key = keyOfListener({ gateway, owner, section: sectionName })
  const value = read.get(from.attachPoints, key)
  return value !== undefined && (port === undefined || value.port === port) ? [{ key, value }] : []
}

function allows(
  { kinds, namespaces, owner }: AttachPoint,
  route: HttpRoute | GrpcRoute,
  read: Read,
  from: ParentSources,
): boolean {
  if (!kinds.includes(route.kind)) return false
  return isAllowed(namespaces, { home: owner.namespace, guest: route.metadata.namespace ?? '' }, read, from)
}

/** What the listener and the route share, sorted; where two hostnames of the route give the same, the better one counts. */
function effectiveHostnames(listener: string, route: readonly string[] = []): readonly EffectiveHostname[] {
  const best = new Map<string, string>()
  for (const routeHostname of route.length > 0 ? route.map(normalizeHostname) : ['']) {
    const hostname = intersectHostnames(listener, routeHostname)
    if (hostname === undefined) continue
    const known = best.get(hostname)
    if (known === undefined || compareHostnames(routeHostname, known) < 0) best.set(hostname, routeHostname)
  }
  return [...best]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([hostname, routeHostname]) => ({ hostname, routeHostname }))
}

const gatewayGroup = 'gateway.networking.k8s.io'
