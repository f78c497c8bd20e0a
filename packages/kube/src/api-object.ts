// An object as the API server sends it, and what of it crosses the bus (design section 4: trimmed).
import { apiVersionOf, type KindInfo, type Resource } from '@penstock/gateway-api'

export interface ApiMetadata {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  /** Opaque; equal means the same version of the same object. */
  readonly resourceVersion: string
  /** Counts changes of spec; kinds without a status have none. */
  readonly generation?: number
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly ownerReferences?: readonly { readonly uid: string; readonly kind: string; readonly name: string }[]
  readonly managedFields?: readonly { readonly manager?: string; readonly fieldsV1?: PlainObject }[]
}

export interface ApiObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ApiMetadata
  readonly [field: string]: unknown
}

export type PlainObject = { readonly [field: string]: unknown }

/** Objects in a list of a built-in kind do not say what they are, and metadata alone says something else. */
export function named(object: ApiObject, kind: KindInfo, version: string): ApiObject {
  return { ...object, apiVersion: apiVersionOf(kind, version), kind: kind.kind }
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** Without managedFields, status and what only concerns the API server. */
export function trimmed({ status: _, metadata, ...body }: ApiObject): Resource {
  const { name, namespace, uid, generation = 0, creationTimestamp, labels, annotations } = metadata
  const { [lastApplied]: _applied, ...notes } = annotations ?? {}
  return {
    ...body,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      generation,
      creationTimestamp,
      ...(labels === undefined ? {} : { labels }),
      ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
    },
  }
}
