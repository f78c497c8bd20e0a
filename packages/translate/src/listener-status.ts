// What the owner of a Gateway or of a ListenerSet is told of each listener (Gateway API: ListenerStatus, ListenerEntryStatus).
import type { Collection, Index, Read } from '@penstock/incremental'
import type { Condition, ListenerStatus } from '@penstock/ir'
import { type CertificateTrouble, certificateConditions } from './certificate-validity.ts'
import { keyOfListener, type ListenerClaim, nameOfListener } from './listener.ts'
import { type OverlapSources, overlapping } from './listener-overlaps.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { conditionOf, type Problem, sentences } from './problem.ts'
import type { TranslatedRoute } from './route.ts'

export interface ListenerSources extends OverlapSources {
  readonly listeners: Collection<ListenerState>
  readonly attachedRoutes: Index<TranslatedRoute>
  readonly certificateTroubles: Collection<CertificateTrouble>
}

export function statesOf(
  claims: readonly ListenerClaim[],
  read: Read,
  from: Pick<ListenerSources, 'listeners'>,
): readonly ListenerState[] {
  return claims.flatMap((claim) => read.get(from.listeners, keyOfListener(claim)) ?? [])
}

export function listenerStatuses(
  states: readonly ListenerState[],
  read: Read,
  from: ListenerSources,
): ListenerStatus[] {
  return states.map((state) => {
    const attachedRoutes = read.count(from.attachedRoutes, keyOfListener(state.claim))
    const ofCertificates = certificateConditions(state.certificates, read, from)
    return listenerStatus(state, attachedRoutes, [...overlapping(state, read, from), ...ofCertificates])
  })
}

function listenerStatus(state: ListenerState, attachedRoutes: number, more: readonly Condition[]): ListenerStatus {
  const { claim, unresolved } = state
  const name = nameOfListener(claim)
  return {
    name: claim.section,
    attachedRoutes,
    supportedKinds: claim.kinds.map(({ group, kind }) => ({ group, kind })),
    conditions: [
      conditionOf('Accepted', notAccepted(state), `${name} is accepted.`),
      conditionOf('Programmed', notProgrammed(state), `${name} is handed to the proxies of ${claim.fleet}.`),
      conditionOf('ResolvedRefs', unresolved, `All references of ${name} are resolved.`),
      conflicted(state, name),
      ...more,
    ],
  }
}

/** A conflict is its own reason; whatever else keeps a listener from serving makes it invalid. */
function notProgrammed(state: ListenerState): readonly Problem[] {
  if (state.serving) return []
  if (state.conflict) return [state.conflict]
  const causes = [...notAccepted(state), ...state.unresolved]
  const message =
    causes.length > 0
      ? sentences(causes)
      : `Gateway ${state.claim.gateway.namespace}/${state.claim.gateway.name} is not accepted.`
  return [{ reason: 'Invalid', message }]
}

function conflicted({ conflict }: ListenerState, name: string): Condition {
  const type = 'Conflicted'
  if (conflict) return { type, status: true, reason: conflict.reason, message: conflict.message }
  return { type, status: false, reason: 'NoConflicts', message: `${name} conflicts with no other.` }
}
