// The authorities that the certificates of a listener's clients are held against (Gateway API: FrontendTLSValidation).
// Permission is asked before existence.
import type { ConditionReason } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import type { ClientValidation, TrustBundleReference } from '@penstock/ir'
import type { ReferenceProblem } from './certificate-refs.ts'
import { type Grants, isPermitted } from './grants.ts'
import { type ListenerClaim, nameOfListener } from './listener.ts'
import type { Problem } from './problem.ts'
import { nameOf } from './source.ts'
import { bundleReference, isOfCluster, type TrustSources, trustTarget, whyUntrusted } from './trust-bundle.ts'

export interface ResolvedValidation {
  /** Absent: clients are not asked, or there is nothing to hold their certificates against. */
  readonly validation?: ClientValidation
  /** Why ResolvedRefs is False. */
  readonly unresolved: readonly ReferenceProblem[]
  /** Why the listener is not accepted. */
  readonly refused: readonly Problem<ConditionReason<'Listener', 'Accepted'>>[]
}

export function resolveClientValidation(
  claim: ListenerClaim,
  read: Read,
  from: TrustSources & Grants,
): ResolvedValidation {
  const asked = claim.clientValidation
  if (asked === undefined) return { unresolved: [], refused: [] }
  const bundles: TrustBundleReference[] = []
  const unresolved: ReferenceProblem[] = []
  const home = claim.gateway.namespace
  const gateway = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: home }
  for (const ref of asked.refs) {
    const target = trustTarget(ref, home)
    const fail = (reason: ReferenceProblem['reason'], why: string): number => {
      const place = `${nameOfListener(claim)} asks clients for certificates of ${nameOf(target)}`
      return unresolved.push({ reason, message: `${place}, ${why}.` })
    }
    if (!isOfCluster(target) && !isPermitted(gateway, target, read, from)) {
      fail('RefNotPermitted', `which no ReferenceGrant in namespace ${target.namespace} permits`)
      continue
    }
    const mistake = whyUntrusted(target, read, from)
    if (mistake === undefined) bundles.push(bundleReference(target))
    else fail(mistake.of === 'kind' ? 'InvalidCACertificateKind' : 'InvalidCACertificateRef', mistake.why)
  }
  if (bundles.length > 0) {
    return { validation: { bundles, insecureFallback: asked.insecureFallback }, unresolved, refused: [] }
  }
  const message = `${nameOfListener(claim)} has no authority to hold the certificates of its clients against.`
  return { unresolved, refused: [{ reason: 'NoValidCACertificate', message }] }
}
