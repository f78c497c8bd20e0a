// Which namespaces may attach something to an object of another (Gateway API: RouteNamespaces, ListenerNamespaces).
import { allowsNamespace, type NamespaceRule, namespaceNameLabel, objectKey } from '@penstock/gateway-api'
import type { Collection, Read } from '@penstock/incremental'

export interface AllowedNamespaces {
  readonly namespaceLabels: Collection<Labels>
}

type Labels = Readonly<Record<string, string>>

/** Whether something of the namespace `guest` may attach to what is in the namespace `home`, which has the rule. */
export function isAllowed(
  rule: NamespaceRule,
  { home, guest }: { readonly home: string; readonly guest: string },
  read: Read,
  from: AllowedNamespaces,
): boolean {
  const labels = rule.from === 'Selector' ? labelsOf(guest, read, from) : {}
  return allowsNamespace(rule, home, { name: guest, labels })
}

/** A folder may hold objects of a namespace that it does not describe; it exists all the same, with its name as label. */
function labelsOf(namespace: string, read: Read, { namespaceLabels }: AllowedNamespaces): Labels {
  const key = objectKey({ group: '', kind: 'Namespace', namespace: '', name: namespace })
  return { ...read.get(namespaceLabels, key), [namespaceNameLabel]: namespace }
}
