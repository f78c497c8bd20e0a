// Which Secrets, ConfigMaps and ClusterTrustBundles an object names: only those cross the bus (Gateway API:
// SecretObjectReference, ObjectReference, LocalObjectReference). Whether a reference is permitted is not asked here: a translator that may not
// follow it must still be able to tell a missing grant from a missing Secret.

import { kindInfo } from './kinds.ts'
import type { Resource } from './resource.ts'
import { objectKey, resourceKey } from './resource-key.ts'

/** Objects of these kinds mean something only to who names them: they are read and told only while somebody does. */
export function isOnlyForReferrers({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return onlyForReferrers.has(`${group}/${kind}`)
}

const onlyForReferrers = new Set(['/Secret', '/ConfigMap', 'certificates.k8s.io/ClusterTrustBundle'])

/** Keys of the Secrets, ConfigMaps and ClusterTrustBundles that `object` names, sorted, each once. */
export function references(object: Resource): readonly string[] {
  const named = namedBy[object.kind]
  if (named === undefined) return []
  const keys = new Set<string>()
  for (const { group = '', kind = 'Secret', namespace, name } of named(object)) {
    if (!isOnlyForReferrers({ group, kind })) continue
    const home = kindInfo(group, kind)?.namespaced === true ? object.metadata.namespace : undefined
    keys.add(objectKey({ group, kind, namespace: namespace ?? home ?? '', name }))
  }
  keys.delete(resourceKey(object))
  return [...keys].sort()
}

interface Reference {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
}

// The specs of several kinds and versions seen at once: only the way to the references.
interface References {
  readonly certificateRefs?: readonly Reference[]
  readonly caCertificateRefs?: readonly Reference[]
  readonly clientCertificateRef?: Reference
}

interface ListenerOwner {
  readonly spec?: {
    readonly listeners?: readonly { readonly tls?: References }[]
    readonly tls?: {
      readonly backend?: References
      readonly frontend?: {
        readonly default?: { readonly validation?: References }
        readonly perPort?: readonly { readonly tls?: { readonly validation?: References } }[]
      }
    }
  }
}

interface Validator {
  readonly spec?: { readonly validation?: References; readonly tls?: References & { readonly validation?: References } }
}

const namedBy: Readonly<Record<string, (object: Resource) => readonly Reference[]>> = {
  Gateway: listenerReferences,
  ListenerSet: listenerReferences,
  BackendTLSPolicy: validatorReferences,
  XBackend: validatorReferences,
}

function listenerReferences({ spec }: Resource & ListenerOwner): readonly Reference[] {
  const { frontend, backend } = spec?.tls ?? {}
  return [
    ...(spec?.listeners ?? []).map(({ tls }) => tls),
    frontend?.default?.validation,
    ...(frontend?.perPort ?? []).map(({ tls }) => tls?.validation),
    backend,
  ].flatMap(listed)
}

function validatorReferences({ spec }: Resource & Validator): readonly Reference[] {
  return [spec?.validation, spec?.tls, spec?.tls?.validation].flatMap(listed)
}

function listed(holder: References | undefined): readonly Reference[] {
  if (holder === undefined) return []
  const { certificateRefs = [], caCertificateRefs = [], clientCertificateRef } = holder
  return [...certificateRefs, ...caCertificateRefs, ...(clientCertificateRef ? [clientCertificateRef] : [])]
}
