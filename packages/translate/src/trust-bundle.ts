// What an object holds of authorities to trust (Gateway API: caCertificateRefs of BackendTLSPolicy and of a Gateway's
// frontend), and who may refer to it: a ConfigMap or a Secret under ca.crt, a ClusterTrustBundle as a whole (GEP-5075).
import { X509Certificate } from 'node:crypto'
import {
  type ClusterTrustBundle,
  type ConfigMap,
  clusterTrustBundleKind,
  type ObjectName,
  objectKey,
  type Resource,
  type SealedSecret,
  type UnservedKind,
  unservedKindKey,
} from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import { type IrRecord, type TrustBundleReference, trustBundleKey } from '@penstock/ir'
import { sourceOf } from './source.ts'

/** The same for every bundle that is good, so a rotation stops here. */
export interface TrustCheck {
  /** Empty: it is good. */
  readonly problem: string
}

export interface KindSources {
  readonly unservedKinds: Collection<UnservedKind>
}

export interface TrustSources extends KindSources {
  /** By the key of the object. */
  readonly trustChecks: Collection<TrustCheck>
}

export interface TrustMistake {
  /** Of the kind that is named, or of the object. */
  readonly of: 'kind' | 'object'
  readonly why: string
}

/** Every kind that can hold authorities, and where they stand in it. */
const holders: Readonly<Record<string, { readonly group: string; readonly field: string }>> = {
  ConfigMap: { group: '', field: 'ca.crt' },
  Secret: { group: '', field: 'ca.crt' },
  ClusterTrustBundle: { group: clusterTrustBundleKind.group, field: 'spec.trustBundle' },
}

export const checkTrust = (holder: Resource): TrustCheck => {
  const text = textIn(holder)
  const field = holders[holder.kind]?.field
  if (text === undefined || text.trim() === '') return { problem: `it holds no ${field}` }
  return { problem: readBundle(text).length > 0 ? '' : `${field} holds no certificates in PEM that can be read` }
}

/** The object that a reference from the namespace `home` means. One of the cluster has no namespace, and needs no grant. */
export function trustTarget(
  { group, kind, namespace, name }: Omit<ObjectName, 'namespace'> & { readonly namespace?: string | undefined },
  home: string,
): ObjectName {
  return { group, kind, namespace: namespace ?? (isOfCluster({ group, kind }) ? '' : home), name }
}

export function isOfCluster({ group, kind }: Pick<ObjectName, 'group' | 'kind'>): boolean {
  return group === clusterTrustBundleKind.group && kind === clusterTrustBundleKind.kind
}

/** Nothing says so in a folder, which holds whatever stands in it. */
export function areTrustBundlesServed(read: Read, { unservedKinds }: KindSources): boolean {
  return read.get(unservedKinds, unservedKindKey(clusterTrustBundleKind)) === undefined
}

/** Why nothing can be trusted for its sake; undefined: it can. */
export function whyUntrusted(target: ObjectName, read: Read, from: TrustSources): TrustMistake | undefined {
  if (holders[target.kind]?.group !== target.group) {
    return { of: 'kind', why: 'but only a ConfigMap, a Secret or a ClusterTrustBundle can hold authorities' }
  }
  if (isOfCluster(target) && !areTrustBundlesServed(read, from)) {
    return { of: 'kind', why: 'but the API server of this cluster serves no such kind' }
  }
  const checked = read.get(from.trustChecks, objectKey(target))
  if (checked === undefined) return { of: 'object', why: 'which does not exist' }
  return checked.problem === '' ? undefined : { of: 'object', why: `which is unusable: ${checked.problem}` }
}

/** `key`: that of the record. */
export function translateTrustBundle(
  key: string,
  read: Read,
  { trustHolders }: { readonly trustHolders: Collection<Resource> },
): IrRecord | undefined {
  const [, kind = '', namespace = '', name = ''] = key.split('/')
  const holder = read.get(trustHolders, objectKey({ group: holders[kind]?.group ?? '', kind, namespace, name }))
  const certificates = holder && readBundle(textIn(holder) ?? '')
  if (holder === undefined || !certificates?.length) return undefined
  return {
    kind: 'trust_bundle',
    value: { source: sourceOf(holder), kind, namespace, name, pem: certificates.map(String).join('') },
  }
}

/** The keys of those that a record names. */
export function bundlesOf({ kind, value }: IrRecord): readonly string[] {
  if (kind === 'listener' && value.protocol?.$case === 'https') {
    return (value.protocol.value.clientValidation?.bundles ?? []).map(trustBundleKey)
  }
  if (kind === 'backend' && value.tls?.trust?.$case === 'bundles') {
    return value.tls.trust.value.bundles.map(trustBundleKey)
  }
  return []
}

export const bundleReference = ({ kind, namespace, name }: ObjectName): TrustBundleReference => ({
  kind,
  namespace,
  name,
})

function textIn(holder: Resource): string | undefined {
  switch (holder.kind) {
    case 'ClusterTrustBundle':
      // Read from the bus it may lack what its schema asks for.
      return (holder as Partial<ClusterTrustBundle>).spec?.trustBundle
    case 'Secret': {
      const text = (holder as SealedSecret).data?.['ca.crt']
      return text && Buffer.from(text, 'base64').toString()
    }
    default:
      return (holder as ConfigMap).data?.['ca.crt']
  }
}

/** As a whole or not at all: a proxy refuses a bundle that is broken in the middle. */
function readBundle(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}
