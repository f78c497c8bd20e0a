// References that leave their namespace (Gateway API: ReferenceGrant). Grants are filed by the pair of namespaces and
// kinds that they connect, so that a grant runs again only what refers along it.
import { mayRefer, type ReferenceFrom, type ReferenceGrant, type ReferenceTo } from '@penstock/gateway-api'
import type { Index, Read } from '@penstock/incremental'

export interface Grants {
  readonly grants: Index<ReferenceGrant>
}

export function pairsOf({ metadata, spec }: ReferenceGrant): readonly string[] {
  const namespace = metadata.namespace ?? ''
  return spec.from.flatMap((from) => spec.to.map(({ group, kind }) => pairKey(from, { group, kind, namespace })))
}

export function isPermitted(who: ReferenceFrom, target: ReferenceTo, read: Read, { grants }: Grants): boolean {
  if (who.namespace === target.namespace) return true
  const along = read.lookup(grants, pairKey(who, target))
  return mayRefer(
    along.map(({ value }) => value),
    who,
    target,
  )
}

const pairKey = (from: ReferenceFrom, to: ReferenceFrom): string =>
  [from.group, from.kind, from.namespace, to.group, to.kind, to.namespace].join('/')
