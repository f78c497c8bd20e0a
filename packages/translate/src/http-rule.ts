// One rule of a route (Gateway API: HTTPRouteRule, GRPCRouteRule): matches, filters, backends, timeouts. A rule that is
// invalid still matches, and answers that nothing is there: to drop it would hand its requests to a rule that was not
// meant for them.
import type { HttpFilter, HttpRule, RequestCapabilities, Source, WeightedBackend } from '@penstock/ir'
import { translateBackendRefs } from './backend-refs.ts'
import type { BackendProblem, BackendReads } from './backend-target.ts'
import { translateFilters } from './filters.ts'
import type { Problem } from './problem.ts'
import type { RuleFields, RuleSyntax } from './rule-syntax.ts'
import { translateSession } from './session.ts'
import { nameOf } from './source.ts'

export interface TranslatedRule {
  /** `spec.rules[0]` */
  readonly place: string
  /** Absent: nothing could match it. */
  readonly rule?: Pick<HttpRule, 'rule' | 'matches' | 'filters' | 'backends' | 'timeouts' | 'retry'>
  /** Why the rule is invalid. */
  readonly invalid: readonly Problem<'UnsupportedValue'>[]
  readonly unresolved: readonly BackendProblem[]
}

export interface RuleContext<R extends RuleFields> {
  readonly syntax: RuleSyntax<R>
  /** Of the route. */
  readonly source: Source
  readonly plane: RequestCapabilities
  /** What is wrong with the route as a whole makes each of its rules invalid. */
  readonly problems: readonly Problem<'UnsupportedValue'>[]
}

export function translateRule<R extends RuleFields>(
  rule: R,
  position: number,
  { syntax, source, plane, problems }: RuleContext<R>,
  reads: BackendReads,
): TranslatedRule {
  const place = `spec.rules[${position}]`
  const { status } = syntax.unavailable
  const matched = syntax.matchesOf(rule, place)
  const here = { namespace: source.namespace, place, plane, syntax }
  const filtered = translateFilters(rule.filters, plane.filters, here, reads)
  const owner = `${nameOf(source)}/${nameOfRule(rule, position)}`
  const session = translateSession(rule.sessionPersistence, plane.filters, { place, owner })
  const sent = translateBackendRefs(rule.backendRefs ?? [], here, reads)
  const invalid = [...problems, ...matched.problems, ...filtered.problems, ...session.problems, ...sent.invalid]
  const outcome = { place, invalid, unresolved: [...filtered.unresolved, ...sent.unresolved] }
  if (matched.matches.length === 0) return outcome
  const shape = { rule: nameOfRule(rule, position), matches: matched.matches }
  if (invalid.length > 0) {
    const filters: HttpFilter[] = [{ filter: { $case: 'answer', value: status } }]
    return { ...outcome, rule: { ...shape, filters, backends: [], timeouts: undefined, retry: undefined } }
  }
  const backends = ends(filtered.filters) ? [] : withAnswer(sent.backends, status)
  const limits = { timeouts: syntax.timeoutsOf(rule), retry: syntax.retryOf(rule) }
  return { ...outcome, rule: { ...shape, filters: [...filtered.filters, ...session.filters], backends, ...limits } }
}

/** Requests that no backend has a share in are answered (HTTPRouteRule.backendRefs, GRPCRouteRule.backendRefs). */
function withAnswer(backends: readonly WeightedBackend[], status: number): WeightedBackend[] {
  if (backends.some(({ weight }) => weight > 0)) return [...backends]
  return [...backends, { weight: 1, filters: [], target: { $case: 'answer', value: status } }]
}

const ends = (filters: readonly HttpFilter[]): boolean =>
  filters.some(({ filter }) => filter?.$case === 'redirect' || filter?.$case === 'answer')

/** A rule without a name is known by its place; no name holds a "#". */
export function nameOfRule({ name }: Pick<RuleFields, 'name'>, position: number): string {
  return name ?? `#${position}`
}
