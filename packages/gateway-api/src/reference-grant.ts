// Whether a reference may leave its namespace (Gateway API: ReferenceGrant, GEP-709). The grant lives where the target
// lives; entries of from and of to are each OR-ed; taking a grant away revokes at once.

interface Grant {
  readonly metadata: { readonly namespace?: string }
  readonly spec: {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]
    readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[]
  }
}

export interface ReferenceFrom {
  readonly group: string
  readonly kind: string
  readonly namespace: string
}

export interface ReferenceTo extends ReferenceFrom {
  readonly name: string
}

/** Within one namespace always; else if one of the grants in the target's namespace says so. */
export function mayRefer(grants: Iterable<Grant>, from: ReferenceFrom, to: ReferenceTo): boolean {
  if (from.namespace === to.namespace) return true
  for (const { metadata, spec } of grants) {
    if (metadata.namespace !== to.namespace) continue
    const trusted = spec.from.some(
      (entry) => entry.group === from.group && entry.kind === from.kind && entry.namespace === from.namespace,
    )
    // An empty name is as good as none: the field is optional, and the schema of some versions lets it be empty.
    if (
      trusted &&
      spec.to.some(
        (entry) => entry.group === to.group && entry.kind === to.kind && (!entry.name || entry.name === to.name),
      )
    ) {
      return true
    }
  }
  return false
}
