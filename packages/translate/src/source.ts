// Where a record comes from, and how an object is called in a sentence.
import { groupOf, type Resource } from '@penstock/gateway-api'
import type { Source } from '@penstock/ir'

export function sourceOf({ apiVersion, kind, metadata }: Resource): Source {
  return {
    group: groupOf(apiVersion),
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    // Some core kinds, such as Service, have none.
    generation: metadata.generation ?? 0,
  }
}

/** `HTTPRoute default/web` */
export function nameOf({ kind, namespace, name }: Pick<Source, 'kind' | 'namespace' | 'name'>): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}
