// The backends of a rule (Gateway API: HTTPRouteRule.backendRefs, HTTPBackendRef, and the same of GRPCRoute). A reference
// that is invalid keeps its share, which is answered.
import type { HttpBackendReference } from '@penstock/gateway-api'
import type { WeightedBackend } from '@penstock/ir'
import { type BackendProblem, type BackendReads, type RulePlace, resolveBackend } from './backend-target.ts'
import { translateFilters } from './filters.ts'
import type { Problem } from './problem.ts'

export interface TranslatedBackends {
  readonly backends: WeightedBackend[]
  readonly unresolved: readonly BackendProblem[]
  /** Filters that cannot work make the whole rule invalid. */
  readonly invalid: readonly Problem<'UnsupportedValue'>[]
}

export function translateBackendRefs(
  refs: readonly HttpBackendReference[],
  rule: RulePlace,
  { read, from }: BackendReads,
): TranslatedBackends {
  const unresolved: BackendProblem[] = []
  const invalid: Problem<'UnsupportedValue'>[] = []
  const backends = refs.map((ref, at): WeightedBackend => {
    const place = `${rule.place}.backendRefs[${at}]`
    const here = { ...rule, place }
    const { filters, ...told } = translateFilters(ref.filters, rule.plane.backendFilters, here, { read, from })
    invalid.push(...told.problems)
    unresolved.push(...told.unresolved)
    const target = resolveBackend(ref, here, { read, from })
    if (typeof target !== 'string') unresolved.push(target)
    const { weight } = ref
    if (typeof target === 'string') return { weight, filters, target: { $case: 'backend', value: target } }
    return { weight, filters: [], target: { $case: 'answer', value: rule.syntax.unavailable.status } }
  })
  return { backends, unresolved, invalid }
}
