// ListenerSet: more listeners for a Gateway that lets it in (Gateway API: ListenerSetSpec, Gateway.spec.allowedListeners).
import { agePrecedence, type ConditionReason, type ListenerSet } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { PlaneName, Source } from '@penstock/ir'
import { type AllowedNamespaces, isAllowed } from './allowed-namespaces.ts'
import type { ListenerSetHome } from './gateway.ts'
import { claimListener, keyOfGateway, type ListenerClaim } from './listener.ts'
import { capabilitiesOf } from './planes.ts'
import type { Problem } from './problem.ts'
import type { TranslationSettings } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export interface OwnListenerSet {
  readonly source: Source
  readonly gateway: ListenerClaim['gateway']
  readonly fleet: string
  readonly planes: readonly PlaneName[]
  /** Why it is not accepted, whatever its listeners are. */
  readonly problem?: Problem<ConditionReason<'ListenerSet', 'Accepted'>>
  /** In the order of the spec; none of one that is not let in. */
  readonly listeners: readonly ListenerClaim[]
}

/** Nothing for one whose Gateway is not ours. */
export function translateListenerSet(
  listenerSet: ListenerSet,
  read: Read,
  from: AllowedNamespaces & { readonly listenerSetHomes: Collection<ListenerSetHome> },
  { capabilities }: TranslationSettings,
): OwnListenerSet | undefined {
  const source = sourceOf(listenerSet)
  const gateway = parentOf(listenerSet)
  const home = gateway && read.get(from.listenerSetHomes, keyOfGateway(gateway))
  if (gateway === undefined || home === undefined) return undefined
  const own = { source, gateway, fleet: home.fleet, planes: home.planes }
  const parent = `Gateway ${gateway.namespace}/${gateway.name}`
  if (!isAllowed(home.allowed, { home: gateway.namespace, guest: source.namespace }, read, from)) {
    const message = `${parent} lets no ListenerSet of namespace ${source.namespace} attach (spec.allowedListeners).`
    return { ...own, problem: { reason: 'NotAllowed', message }, listeners: [] }
  }
  // After all sections of the Gateway, whose names start with letters and digits.
  const precedence = `${home.precedence} ~ ${agePrecedence(listenerSet.metadata)}`
  const ofListeners = {
    ...home,
    owner: { kind: 'ListenerSet' as const, namespace: source.namespace, name: source.name },
    capabilities: capabilitiesOf(home.planes, capabilities),
  }
  const listeners = listenerSet.spec.listeners.map((listener, place) =>
    claimListener(listener, { ...ofListeners, precedence: `${precedence} ${String(place).padStart(2, '0')}` }),
  )
  if (home.gatewayAccepted) return { ...own, listeners }
  const message = `${parent}, to which ${nameOf(source)} belongs, is not accepted.`
  return { ...own, problem: { reason: 'ParentNotAccepted', message }, listeners }
}

/** The Gateway that it names; what is read from the bus may lack what its schema asks for. */
export function parentOf({ metadata, spec }: ListenerSet): ListenerClaim['gateway'] | undefined {
  const { group, kind, namespace = metadata.namespace ?? '', name } = spec?.parentRef ?? {}
  if (group !== 'gateway.networking.k8s.io' || kind !== 'Gateway' || name === undefined) return undefined
  return { namespace, name }
}
