// Which listeners a route attaches to, and why not to the others (Gateway API: CommonRouteSpec.parentRefs, AllowedRoutes,
// HTTPRouteSpec.hostnames). Whether a listener serves does not matter here: attachment is a matter of the two specs.
import {
  allowsNamespace,
  type ConditionReason,
  compareHostnames,
  type GrpcRoute,
  type HttpRoute,
  intersectHostnames,
  namespaceNameLabel,
  normalizeHostname,
  objectKey,
  type ParentReference,
} from '@penstock/gateway-api'
import type { Collection, Entry, Index, Read } from '@penstock/incremental'
import type { EffectiveHostname } from '@penstock/ir'
import type { RouteParent } from './gateway.ts'
import { keyOfGateway, keyOfListener } from './listener.ts'
import type { AttachPoint } from './listener-state.ts'
import type { Problem } from './problem.ts'

export interface ParentSources {
  readonly routeParents: Collection<RouteParent>
  readonly attachPoints: Collection<AttachPoint>
  readonly attachPointsByGateway: Index<AttachPoint>
  readonly namespaceLabels: Collection<Labels>
}

type Labels = Readonly<Record<string, string>>

/** One declared reference to a Gateway of ours. */
export interface ParentOutcome {
  readonly ref: ParentReference
  readonly fleet: string
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
    if (group !== gatewayGroup || kind !== 'Gateway') return []
    const parent = read.get(from.routeParents, keyOfGateway({ namespace, name }))
    return parent ? [{ ref, fleet: parent.fleet, ...attachToGateway(route, { ...ref, namespace }, read, from) }] : []
  })
}

function attachToGateway(
  route: HttpRoute | GrpcRoute,
  ref: ParentReference & { readonly namespace: string },
  read: Read,
  from: ParentSources,
): Pick<ParentOutcome, 'problem' | 'attached'> {
  const gateway = `Gateway ${ref.namespace}/${ref.name}`
  const refuse = (reason: ConditionReason<'RouteParent', 'Accepted'>, message: string) => ({
    problem: { reason, message },
    attached: [],
  })
  const named = candidates(ref, read, from)
  if (named.length === 0) {
    const section = ref.sectionName === undefined ? '' : ` named ${ref.sectionName}`
    const port = ref.port === undefined ? '' : ` on port ${ref.port}`
    return refuse('NoMatchingParent', `${gateway} has no listener${section}${port}.`)
  }
  const open = named.filter(({ value }) => allows(value, route, read, from))
  if (open.length === 0) {
    const who = `${route.kind === 'HTTPRoute' ? 'an' : 'a'} ${route.kind} from namespace ${route.metadata.namespace}`
    return refuse('NotAllowedByListeners', `No listener of ${gateway} that the route names lets ${who} attach.`)
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
    const message = `None of spec.hostnames (${route.spec.hostnames?.join(', ')}) is within what ${gateway} listens for (${hosts}).`
    return refuse('NoMatchingListenerHostname', message)
  }
  return { attached }
}

/** By section it is one read, so that a neighbour of that listener changes nothing for the route. */
function candidates(
  { namespace, name, sectionName, port }: ParentReference & { readonly namespace: string },
  read: Read,
  from: ParentSources,
): readonly Entry<AttachPoint>[] {
  const gateway = { namespace, name }
  if (sectionName === undefined) {
    const all = read.lookup(from.attachPointsByGateway, keyOfGateway(gateway))
    return port === undefined ? all : all.filter(({ value }) => value.port === port)
  }
  const key = keyOfListener({ gateway, section: sectionName })
  const value = read.get(from.attachPoints, key)
  return value !== undefined && (port === undefined || value.port === port) ? [{ key, value }] : []
}

function allows(
  { kinds, namespaces, gateway }: AttachPoint,
  route: HttpRoute | GrpcRoute,
  read: Read,
  from: ParentSources,
): boolean {
  if (!kinds.includes(route.kind)) return false
  const name = route.metadata.namespace ?? ''
  const labels = namespaces.from === 'Selector' ? labelsOf(name, read, from) : {}
  return allowsNamespace(namespaces, gateway.namespace, { name, labels })
}

/** A folder may hold objects of a namespace that it does not describe; it exists all the same, with its name as label. */
function labelsOf(namespace: string, read: Read, { namespaceLabels }: ParentSources): Labels {
  const key = objectKey({ group: '', kind: 'Namespace', namespace: '', name: namespace })
  return { ...read.get(namespaceLabels, key), [namespaceNameLabel]: namespace }
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
