// Where a record comes from, and how an object is called in a sentence.
import { groupOf, type ObjectName, type Resource } from '@penstock/gateway-api'
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

/** What a reference names, which may be of any kind: `Secret default/web`, `Gadget.example.com default/web` */
export function nameOfTarget({ group, kind, namespace, name }: ObjectName): string {
  return `${kind}${group === '' ? '' : `.${group}`} ${namespace}/${name}`
}

/** `HTTPRoute default/web` */
export function nameOf({ kind, namespace, name }: Pick<Source, 'kind' | 'namespace' | 'name'>): string {
  return namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}
