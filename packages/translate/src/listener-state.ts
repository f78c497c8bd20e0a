// A listener with everything that it depends on: conflicts, certificates, and so whether it serves. What routes see of it
// is the smaller attach point; what a plane sees is the record.
import type { ConditionReason, NamespaceRule } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { CertificateReference, IrRecord, Listener, ListenerCase, Source } from '@penstock/ir'
import { type CertificateSources, type ReferenceProblem, resolveCertificates } from './certificate-refs.ts'
import { type Conflict, keyOfOwner, type ListenerClaim, nameOfListener } from './listener.ts'
import { conflictOf, type Rivals } from './listener-conflicts.ts'
import type { Problem } from './problem.ts'

export interface ListenerState {
  readonly claim: ListenerClaim
  readonly conflict?: Conflict
  /** Why ResolvedRefs is False. */
  readonly unresolved: readonly ReferenceProblem[]
  readonly certificates: readonly CertificateReference[]
  /** It has a record, and takes traffic. */
  readonly serving: boolean
}

export function translateListener(claim: ListenerClaim, read: Read, from: Rivals & CertificateSources): ListenerState {
  const conflict = conflictOf(claim, read, from)
  const { certificates, problems } = resolveCertificates(claim, read, from)
  const accepted = claim.gatewayAccepted && claim.problems.length === 0 && conflict === undefined
  return {
    claim,
    ...(conflict ? { conflict } : {}),
    unresolved: [...invalidKinds(claim), ...problems],
    certificates,
    serving: accepted && (claim.protocol !== 'https' || certificates.length > 0),
  }
}

/** Why it is not accepted (Gateway API: ListenerConditionAccepted). */
export function notAccepted({
  claim,
  conflict,
}: ListenerState): readonly Problem<ConditionReason<'Listener', 'Accepted'>>[] {
  return conflict ? [conflict, ...claim.problems] : claim.problems
}

function invalidKinds(claim: ListenerClaim): readonly ReferenceProblem[] {
  return claim.invalidKinds.map(({ group, kind }) => ({
    reason: 'InvalidRouteKinds',
    message: `${nameOfListener(claim)} allows ${kind} of group ${group}, which cannot attach to its protocol or is unknown.`,
  }))
}

/** What routes see of a listener. */
export interface AttachPoint {
  readonly owner: ListenerClaim['owner']
  readonly section: string
  readonly fleet: string
  readonly port: number
  readonly hostname: string
  readonly namespaces: NamespaceRule
  /** Names of the kinds of route that may attach. */
  readonly kinds: readonly string[]
  readonly serving: boolean
}

export function attachPoint({ claim, serving }: ListenerState): AttachPoint {
  const { owner, section, fleet, port, hostname, namespaces, kinds } = claim
  return { owner, section, fleet, port, hostname, namespaces, kinds: kinds.map(({ kind }) => kind), serving }
}

export function listenerRecord(
  { claim, certificates, serving }: ListenerState,
  read: Read,
  from: { readonly listenerOwners: Collection<{ readonly source: Source }> },
): IrRecord | undefined {
  const { gateway, owner, protocol } = claim
  const source = read.get(from.listenerOwners, keyOfOwner(owner))?.source
  if (!serving || protocol === undefined || source === undefined) return undefined
  return {
    kind: 'listener',
    value: {
      source,
      fleet: claim.fleet,
      gatewayNamespace: gateway.namespace,
      gatewayName: gateway.name,
      ownerKind: owner.kind,
      ownerNamespace: owner.namespace,
      ownerName: owner.name,
      section: claim.section,
      port: claim.port,
      hostname: claim.hostname,
      precedence: claim.precedence,
      protocol: protocolCases[protocol](certificates),
    },
  }
}

const protocolCases: {
  readonly [C in ListenerCase]: (certificates: readonly CertificateReference[]) => Listener['protocol']
} = {
  http: () => ({ $case: 'http', value: {} }),
  https: (certificates) => ({ $case: 'https', value: { certificates: [...certificates] } }),
}
