// BackendTLSPolicy: how connections to the ports of a Service are secured. A policy is read by itself first; then it
// competes for each of its targets; a policy that cannot work closes what it targets, since no request may go there plain
// (Gateway API: BackendTLSPolicySpec).
import { agePrecedence, type BackendTlsPolicy, type ConditionReason } from '@penstock/gateway-api'
import type { Index, Read } from '@penstock/incremental'
import type { Backend, BackendTls, RequestCapabilities, Source, SubjectName, TrustBundleReference } from '@penstock/ir'
import type { Problem } from './problem.ts'
import { nameOf, nameOfTarget, sourceOf } from './source.ts'
import { bundleReference, type TrustSources, trustTarget, whyUntrusted } from './trust-bundle.ts'

export interface TlsPolicyTarget {
  /** Where the policy competes with others; absent for what is no Service. */
  readonly place?: string
  /** `Service default/web` */
  readonly name: string
  /** `<namespace>/<name>` */
  readonly service: string
  /** The name of a port; empty: every port that no other policy names. */
  readonly section: string
}

export interface TlsPolicy {
  readonly source: Source
  /** Sorts before the policies that yield to it. */
  readonly precedence: string
  readonly targets: readonly TlsPolicyTarget[]
  /** Why it cannot work; then it closes what it targets. */
  readonly problems: readonly Problem<ConditionReason<'BackendTLSPolicy', 'Accepted'>>[]
  readonly unresolved: readonly Problem<ConditionReason<'BackendTLSPolicy', 'ResolvedRefs'>>[]
  readonly tls: BackendTls
}

export function translateTlsPolicy(
  policy: BackendTlsPolicy,
  read: Read,
  from: TrustSources,
  plane: RequestCapabilities,
): TlsPolicy {
  const source = sourceOf(policy)
  const { validation, options = {}, targetRefs } = policy.spec
  const trusted = resolveTrust(policy, source, read, from)
  const refuse = (field: string): Problem<'Invalid'> => ({
    reason: 'Invalid',
    message: `${nameOf(source)} sets ${field}, which Penstock does not support.`,
  })
  const wellKnown = validation.wellKnownCACertificates ?? ''
  const problems = [
    ...(plane.features.has('BackendTLSPolicy') ? [] : [refuse('TLS to backends')]),
    ...(wellKnown === '' || wellKnown === 'System' ? [] : [refuse(`validation.wellKnownCACertificates ${wellKnown}`)]),
    ...(Object.keys(options).length > 0 ? [refuse('options')] : []),
    ...trusted.problems,
  ]
  return {
    source,
    precedence: agePrecedence(policy.metadata),
    targets: targetRefs.map((ref) => targetOf(ref, source.namespace)),
    problems,
    unresolved: trusted.unresolved,
    tls: { serverName: validation.hostname, names: namesOf(policy), trust: trusted.trust },
  }
}

/** Where policies for a port of a Service, or for all of it, compete. */
export const placeOfPolicy = (service: string, section: string): string => `${service}/${section}`

function targetOf(
  { group, kind, name, sectionName = '' }: BackendTlsPolicy['spec']['targetRefs'][number],
  namespace: string,
): TlsPolicyTarget {
  const service = `${namespace}/${name}`
  const target = { name: nameOfTarget({ group, kind, namespace, name }), service, section: sectionName }
  return group === '' && kind === 'Service' ? { ...target, place: placeOfPolicy(service, sectionName) } : target
}

/** Where names are given, the hostname is no longer one of them. */
function namesOf({ spec: { validation } }: BackendTlsPolicy): SubjectName[] {
  const { hostname, subjectAltNames = [] } = validation
  if (subjectAltNames.length === 0) return [{ name: { $case: 'hostname', value: hostname } }]
  return subjectAltNames.map(({ type, hostname: host = '', uri = '' }) => ({
    name: type === 'URI' ? { $case: 'uri', value: uri } : { $case: 'hostname', value: host },
  }))
}

function resolveTrust(
  { spec: { validation } }: BackendTlsPolicy,
  source: Source,
  read: Read,
  from: TrustSources,
): Pick<TlsPolicy, 'unresolved'> & {
  readonly trust: BackendTls['trust']
  readonly problems: readonly Problem<'NoValidCACertificate'>[]
} {
  const { caCertificateRefs = [] } = validation
  if (caCertificateRefs.length === 0) return { trust: { $case: 'system', value: {} }, problems: [], unresolved: [] }
  const bundles: TrustBundleReference[] = []
  const unresolved: Problem<'InvalidKind' | 'InvalidCACertificateRef'>[] = []
  caCertificateRefs.forEach((ref, at) => {
    const target = trustTarget(ref, source.namespace)
    const mistake = whyUntrusted(target, read, from)
    if (mistake === undefined) return bundles.push(bundleReference(target))
    const place = `${nameOf(source)}: spec.validation.caCertificateRefs[${at}] names ${nameOf(target)}`
    return unresolved.push({
      reason: mistake.of === 'kind' ? 'InvalidKind' : 'InvalidCACertificateRef',
      message: `${place}, ${mistake.why}.`,
    })
  })
  const message = `${nameOf(source)} names no authority that can be trusted: requests to what it targets fail.`
  return {
    trust: { $case: 'bundles', value: { bundles } },
    problems: bundles.length > 0 ? [] : [{ reason: 'NoValidCACertificate', message }],
    unresolved,
  }
}

/** The policies that compete for a place; the first in order of precedence has it. */
export interface TlsPolicies {
  readonly tlsPoliciesByPlace: Index<TlsPolicy>
}

export function winnerAt(place: string, read: Read, { tlsPoliciesByPlace }: TlsPolicies): TlsPolicy | undefined {
  return read
    .lookup(tlsPoliciesByPlace, place)
    .map(({ value }) => value)
    .sort((a, b) => (a.precedence < b.precedence ? -1 : 1))[0]
}

/** What the policies make of a port: TLS, or that it is closed. */
export interface SecuredPort {
  readonly tls?: BackendTls
  readonly closed?: Extract<Backend['discovery'], { $case: 'closed' }>
}

export function securePort(service: string, portName: string, read: Read, from: TlsPolicies): SecuredPort | undefined {
  const named = portName === '' ? undefined : winnerAt(placeOfPolicy(service, portName), read, from)
  const policy = named ?? winnerAt(placeOfPolicy(service, ''), read, from)
  if (policy === undefined) return undefined
  if (policy.problems.length === 0) return { tls: policy.tls }
  return { closed: { $case: 'closed', value: { why: `${nameOf(policy.source)} is invalid` } } }
}
