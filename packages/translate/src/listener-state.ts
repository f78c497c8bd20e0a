// A listener with everything that it depends on: conflicts, certificates, and so whether it serves. What routes see of it
// is the smaller attach point; what a plane sees is the record.
import type { ConditionReason, NamespaceRule } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type {
  CertificateReference,
  ClientValidation,
  IrRecord,
  Listener,
  ListenerCase,
  Source,
  TerminatedHttp,
} from '@penstock/ir'
import { type CertificateSources, type ReferenceProblem, resolveCertificates } from './certificate-refs.ts'
import { resolveClientValidation } from './client-validation.ts'
import { type Conflict, keyOfOwner, type ListenerClaim, nameOfListener } from './listener.ts'
import { conflictOf, type Rivals } from './listener-conflicts.ts'
import type { Problem } from './problem.ts'
import type { TrustSources } from './trust-bundle.ts'

export interface ListenerState {
  readonly claim: ListenerClaim
  readonly conflict?: Conflict
  /** Why ResolvedRefs is False. */
  readonly unresolved: readonly ReferenceProblem[]
  readonly certificates: readonly CertificateReference[]
  readonly clientValidation?: ClientValidation
  /** What it depends on keeps it from being accepted. */
  readonly refused: readonly Problem<ConditionReason<'Listener', 'Accepted'>>[]
  /** It has a record, and takes traffic. */
  readonly serving: boolean
}

export function translateListener(
  claim: ListenerClaim,
  read: Read,
  from: Rivals & CertificateSources & TrustSources,
): ListenerState {
  const conflict = conflictOf(claim, read, from)
  const { certificates, problems } = resolveCertificates(claim, read, from)
  const clients = resolveClientValidation(claim, read, from)
  const isRefused = claim.problems.length + clients.refused.length > 0 || conflict !== undefined
  const accepted = claim.gatewayAccepted && !isRefused
  return {
    claim,
    ...(conflict ? { conflict } : {}),
    unresolved: [...invalidKinds(claim), ...problems, ...clients.unresolved],
    certificates,
    ...(clients.validation ? { clientValidation: clients.validation } : {}),
    refused: clients.refused,
    serving: accepted && (claim.protocol !== 'https' || certificates.length > 0),
  }
}

/** Why it is not accepted (Gateway API: ListenerConditionAccepted). */
export function notAccepted({
  claim,
  conflict,
  refused,
}: ListenerState): readonly Problem<ConditionReason<'Listener', 'Accepted'>>[] {
  return [...(conflict ? [conflict] : []), ...claim.problems, ...refused]
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
  { claim, certificates, clientValidation, serving }: ListenerState,
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
      protocol: protocolCases[protocol]({ certificates: [...certificates], clientValidation }),
    },
  }
}

const protocolCases: {
  readonly [C in ListenerCase]: (tls: TerminatedHttp) => Listener['protocol']
} = {
  http: () => ({ $case: 'http', value: {} }),
  https: (value) => ({ $case: 'https', value }),
}
