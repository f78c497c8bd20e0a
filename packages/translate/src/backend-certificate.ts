// The certificate that a Gateway shows to backends that it speaks TLS with (Gateway API: GatewaySpec.tls.backend). Where it
// cannot be had, none is shown: it is for the backends to refuse that.
import type { ConditionReason, Gateway } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import type { CertificateReference, Source } from '@penstock/ir'
import { type CertificateSources, certificateMistake } from './certificate-refs.ts'
import type { Problem } from './problem.ts'
import { nameOf, nameOfTarget } from './source.ts'

export interface BackendCertificate {
  readonly certificate?: CertificateReference
  readonly problems: readonly Problem<ConditionReason<'Gateway', 'ResolvedRefs'>>[]
}

export function resolveBackendCertificate(
  { spec }: Gateway,
  source: Source,
  read: Read,
  from: CertificateSources,
): BackendCertificate {
  const ref = spec.tls?.backend?.clientCertificateRef
  if (ref === undefined) return { problems: [] }
  const { group, kind, namespace = source.namespace, name } = ref
  const owner = { kind: 'Gateway' as const, namespace: source.namespace, name: source.name }
  const target = { group, kind, namespace, name }
  const mistake = certificateMistake(target, owner, read, from)
  if (mistake === undefined) return { certificate: { namespace, name }, problems: [] }
  const reason = mistake.reason === 'RefNotPermitted' ? mistake.reason : 'InvalidClientCertificateRef'
  const place = `spec.tls.backend.clientCertificateRef of ${nameOf(source)}`
  return { problems: [{ reason, message: `${place} names ${nameOfTarget(target)}, ${mistake.why}.` }] }
}
