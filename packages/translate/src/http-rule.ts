// One rule of an HTTPRoute (Gateway API: HTTPRouteRule): matches, filters, backends, timeouts. A rule that is invalid still
// matches, and answers 500: to drop it would hand its requests to a rule that was not meant for them.
import { durationMs, type HttpRouteRule } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import type { Capabilities, HttpFilter, HttpRule, HttpTimeouts, WeightedBackend } from '@penstock/ir'
import { type BackendProblem, type BackendSources, translateBackendRefs } from './backend-refs.ts'
import { translateFilters } from './filters.ts'
import { translateMatches } from './matches.ts'
import type { Problem } from './problem.ts'
import { refusals, refusedOfHttpRule } from './refused.ts'

export interface TranslatedRule {
  /** `spec.rules[0]` */
  readonly place: string
  /** Absent: nothing could match it. */
  readonly rule?: Pick<HttpRule, 'rule' | 'matches' | 'filters' | 'backends' | 'timeouts'>
  /** Why the rule is invalid. */
  readonly invalid: readonly Problem<'UnsupportedValue'>[]
  readonly unresolved: readonly BackendProblem[]
}

export interface RuleContext {
  readonly namespace: string
  readonly plane: Capabilities
  /** What is wrong with the route as a whole makes each of its rules invalid. */
  readonly problems: readonly Problem<'UnsupportedValue'>[]
}

export function translateHttpRule(
  rule: HttpRouteRule,
  position: number,
  { namespace, plane, problems }: RuleContext,
  { read, from }: { readonly read: Read; readonly from: BackendSources },
): TranslatedRule {
  const place = `spec.rules[${position}]`
  const matched = translateMatches(rule, place)
  const filtered = translateFilters(rule.filters, plane.filters, place)
  const sent = translateBackendRefs(rule.backendRefs ?? [], { namespace, place, plane }, read, from)
  const invalid = [
    ...problems,
    ...refusals(refusedOfHttpRule, rule, place),
    ...matched.problems,
    ...filtered.problems,
    ...sent.invalid,
  ]
  const outcome = { place, invalid, unresolved: sent.unresolved }
  if (matched.matches.length === 0) return outcome
  const shape = { rule: nameOfRule(rule, position), matches: matched.matches }
  if (invalid.length > 0)
    return { ...outcome, rule: { ...shape, filters: [answer500], backends: [], timeouts: undefined } }
  const backends = ends(filtered.filters) ? [] : withAnswer(sent.backends)
  return { ...outcome, rule: { ...shape, filters: filtered.filters, backends, timeouts: timeoutsOf(rule.timeouts) } }
}

/** Requests that no backend has a share in get 500 (HTTPRouteRule.backendRefs). */
function withAnswer(backends: readonly WeightedBackend[]): WeightedBackend[] {
  if (backends.some(({ weight }) => weight > 0)) return [...backends]
  return [...backends, { weight: 1, filters: [], target: { $case: 'answer', value: 500 } }]
}

const ends = (filters: readonly HttpFilter[]): boolean =>
  filters.some(({ filter }) => filter?.$case === 'redirect' || filter?.$case === 'answer')

function timeoutsOf(timeouts: HttpRouteRule['timeouts']): HttpTimeouts | undefined {
  const requestMs = clamp(timeouts?.request)
  const backendRequestMs = clamp(timeouts?.backendRequest)
  return requestMs === undefined && backendRequestMs === undefined ? undefined : { requestMs, backendRequestMs }
}

/** 49 days are as good as more. */
function clamp(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : durationMs(duration)
  return ms === undefined ? undefined : Math.min(ms, 2 ** 32 - 1)
}

const answer500: HttpFilter = { filter: { $case: 'answer', value: 500 } }

/** A rule without a name is known by its place; no name holds a "#". */
export function nameOfRule({ name }: HttpRouteRule, position: number): string {
  return name ?? `#${position}`
}
