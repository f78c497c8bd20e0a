// The certificates of a listener (Gateway API: ListenerTLSConfig.certificateRefs). Permission is asked before existence,
// so that nobody learns which Secrets another namespace has.
import { type ConditionReason, type ObjectName, objectKey } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import type { CertificateReference } from '@penstock/ir'
import { type Grants, isPermitted } from './grants.ts'
import { type ListenerClaim, type ListenerOwner, nameOfListener } from './listener.ts'
import type { Problem } from './problem.ts'
import type { CertificateCheck } from './secret.ts'
import { nameOfTarget } from './source.ts'

export type ReferenceProblem = Problem<ConditionReason<'Listener', 'ResolvedRefs'>>

export interface CertificateSources extends Grants {
  readonly certificateChecks: Collection<CertificateCheck>
}

export interface ResolvedCertificates {
  /** In the order of the spec, each once. */
  readonly certificates: readonly CertificateReference[]
  readonly problems: readonly ReferenceProblem[]
}

export function resolveCertificates(claim: ListenerClaim, read: Read, from: CertificateSources): ResolvedCertificates {
  if (claim.protocol !== 'https') return { certificates: [], problems: [] }
  if (claim.certificateRefs.length === 0) {
    const message = `${nameOfListener(claim)} serves HTTPS, but its tls.certificateRefs name no certificate.`
    return { certificates: [], problems: [{ reason: 'InvalidCertificateRef', message }] }
  }
  const certificates = new Map<string, CertificateReference>()
  const problems: ReferenceProblem[] = []
  claim.certificateRefs.forEach((ref, at) => {
    const { group, kind, namespace = claim.owner.namespace, name } = ref
    const target = { group, kind, namespace, name }
    const mistake = certificateMistake(target, claim.owner, read, from)
    if (mistake === undefined) return certificates.set(`${namespace}/${name}`, { namespace, name })
    const place = `tls.certificateRefs[${at}] of ${nameOfListener(claim)}`
    return problems.push({
      reason: mistake.reason,
      message: `${place} names ${nameOfTarget(target)}, ${mistake.why}.`,
    })
  })
  return { certificates: [...certificates.values()], problems }
}

interface Mistake {
  readonly reason: 'InvalidCertificateRef' | 'RefNotPermitted'
  readonly why: string
}

/** Why it cannot have this certificate. */
export function certificateMistake(
  target: ObjectName,
  owner: ListenerOwner,
  read: Read,
  from: CertificateSources,
): Mistake | undefined {
  if (target.group !== '' || target.kind !== 'Secret') {
    return { reason: 'InvalidCertificateRef', why: 'but only a Secret can hold a certificate' }
  }
  const who = { group: 'gateway.networking.k8s.io', kind: owner.kind, namespace: owner.namespace }
  if (!isPermitted(who, target, read, from)) {
    return { reason: 'RefNotPermitted', why: `which no ReferenceGrant in namespace ${target.namespace} permits` }
  }
  const check = read.get(from.certificateChecks, objectKey(target))
  if (check === undefined) return { reason: 'InvalidCertificateRef', why: 'which does not exist' }
  return check.problem === ''
    ? undefined
    : { reason: 'InvalidCertificateRef', why: `which is unusable: ${check.problem}` }
}
