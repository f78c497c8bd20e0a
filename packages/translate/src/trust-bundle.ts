// What a ConfigMap or a Secret holds of authorities to trust, under ca.crt (Gateway API: caCertificateRefs of
// BackendTLSPolicy and of a Gateway's frontend), and who may refer to it.
import { X509Certificate } from 'node:crypto'
import { type ConfigMap, type ObjectName, objectKey, type Resource, type SealedSecret } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'
import { type IrRecord, type TrustBundleReference, trustBundleKey } from '@penstock/ir'
import { sourceOf } from './source.ts'

/** The same for every bundle that is good, so a rotation stops here. */
export interface TrustCheck {
  /** Empty: it is good. */
  readonly problem: string
}

export interface TrustSources {
  /** By the key of the object. */
  readonly trustChecks: Collection<TrustCheck>
}

const entry = 'ca.crt'

export function checkConfigMap({ data }: ConfigMap): TrustCheck {
  return check(data?.[entry])
}

export function checkTrustOfSecret(secret: SealedSecret): TrustCheck {
  return check(textIn(secret))
}

/** Why nothing can be trusted for its sake; undefined: it can. */
export function whyUntrusted(
  target: ObjectName,
  read: Read,
  { trustChecks }: TrustSources,
): 'kind' | { readonly why: string } | undefined {
  if (target.group !== '' || (target.kind !== 'ConfigMap' && target.kind !== 'Secret')) return 'kind'
  const checked = read.get(trustChecks, objectKey(target))
  if (checked === undefined) return { why: 'which does not exist' }
  return checked.problem === '' ? undefined : { why: `which is unusable: ${checked.problem}` }
}

/** `key`: that of the record. */
export function translateTrustBundle(
  key: string,
  read: Read,
  from: { readonly configMaps: Collection<ConfigMap>; readonly secrets: Collection<SealedSecret> },
): IrRecord | undefined {
  const [, kind = '', namespace = '', name = ''] = key.split('/')
  const at = objectKey({ group: '', kind, namespace, name })
  const holder: Resource | undefined = kind === 'Secret' ? read.get(from.secrets, at) : read.get(from.configMaps, at)
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

function textIn(holder: Resource & { readonly data?: Readonly<Record<string, string>> }): string | undefined {
  const text = holder.data?.[entry]
  return holder.kind === 'Secret' && text !== undefined ? Buffer.from(text, 'base64').toString() : text
}

function check(text: string | undefined): TrustCheck {
  if (text === undefined || text.trim() === '') return { problem: `it holds no ${entry}` }
  return { problem: readBundle(text).length > 0 ? '' : `${entry} holds no certificates in PEM that can be read` }
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
