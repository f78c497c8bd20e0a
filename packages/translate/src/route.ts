// HTTPRoute and GRPCRoute: where a route attaches, what its rules do, and what its owner is told. One rule is one record,
// so that a plane never meets the route as a whole.
import { type GrpcRoute, type HttpRoute, type Resource, rulePrecedence } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import {
  type Attachment,
  backendsNamedBy,
  type HttpRule,
  httpRuleKey,
  type IrRecord,
  type PlaneName,
  type Status,
} from '@penstock/ir'
import type { BackendSources } from './backend-target.ts'
import { grpcRouteSyntax } from './grpc-route.ts'
import { httpRouteSyntax } from './http-route.ts'
import { type TranslatedRule, translateRule } from './http-rule.ts'
import { capabilitiesOf, planeNames } from './planes.ts'
import { refusals, refusedOfRoute } from './refused.ts'
import { attachToParents, type ParentOutcome, type ParentSources } from './route-parents.ts'
import { type RouteOutcome, routeStatus } from './route-status.ts'
import type { RuleFields, RuleSyntax } from './rule-syntax.ts'
import type { PlaneCapabilities } from './settings.ts'
import { nameOf, sourceOf } from './source.ts'

export type Route = HttpRoute | GrpcRoute

export interface TranslatedRoute {
  readonly rules: readonly HttpRule[]
  /** Keys of the backend records that its rules name. */
  readonly backends: readonly string[]
  /** Keys of the listeners that count it among their attached routes. */
  readonly attachedTo: readonly string[]
  readonly status: Status
}

export interface RouteContext {
  readonly read: Read
  readonly from: ParentSources & BackendSources
  readonly capabilities: PlaneCapabilities
}

/** Nothing for a route without a parent of ours. */
export function translateRoute(route: Route, context: RouteContext): TranslatedRoute | undefined {
  return route.kind === 'GRPCRoute'
    ? translate(route, route.spec.rules ?? [], grpcRouteSyntax, context)
    : translate(route, route.spec.rules, httpRouteSyntax, context)
}

function translate<R extends RuleFields>(
  route: Route,
  rules: readonly R[],
  syntax: RuleSyntax<R>,
  { read, from, capabilities }: RouteContext,
): TranslatedRoute | undefined {
  const parents = attachToParents(route, read, from)
  if (parents.length === 0) return undefined
  const source = sourceOf(route)
  const problems = refusals(refusedOfRoute, route, nameOf(source))
  const outcomes = new Map<string, readonly TranslatedRule[]>()
  const translateFor = (asked: readonly PlaneName[]): readonly TranslatedRule[] => {
    const planes = planeNames.filter((plane) => asked.includes(plane))
    const known = outcomes.get(planes.join())
    if (known) return known
    const context = { syntax, source, plane: capabilitiesOf(planes, capabilities), problems }
    const translated = rules.map((rule, position) => translateRule(rule, position, context, { read, from }))
    outcomes.set(planes.join(), translated)
    return translated
  }
  const translated = translateFor(parents.flatMap(({ planes }) => planes))
  const outcomeOf = ({ planes }: ParentOutcome): RouteOutcome => ({
    ...{ rules: translateFor(planes), problems, unavailable: syntax.unavailable.name },
  })
  const attachments = attachmentsOf(parents)
  const records = attachments.length === 0 ? [] : recordsOf(route, translated, attachments)
  const counted = parents.filter((parent) => isCounted(outcomeOf(parent)))
  return {
    rules: records,
    backends: unique(records.flatMap(backendsNamedBy)),
    attachedTo: unique(counted.flatMap(({ attached }) => attached.map(({ key }) => key))),
    status: routeStatus(source, parents, outcomeOf),
  }
}

/** Whether a listener counts the route: something of it is valid. */
const isCounted = ({ rules, problems }: RouteOutcome): boolean =>
  problems.length === 0 && (rules.length === 0 || rules.some(({ invalid }) => invalid.length === 0))

export function ruleRecords({ rules }: TranslatedRoute): readonly (readonly [string, IrRecord])[] {
  return rules.map((value) => [ruleKey(value), { kind: 'http_rule', value }])
}

function recordsOf(route: Resource, translated: readonly TranslatedRule[], attachments: Attachment[]): HttpRule[] {
  const source = sourceOf(route)
  return translated.flatMap(({ rule }, position) => {
    if (rule === undefined) return []
    return [{ source, ...rule, attachments, precedence: rulePrecedence(route.metadata, position) }]
  })
}

/** Only listeners that serve: a refused one has no record to attach to. Sorted by key, each once. */
function attachmentsOf(parents: readonly ParentOutcome[]): Attachment[] {
  const serving = parents.flatMap(({ attached }) => attached).filter(({ point }) => point.serving)
  const byKey = new Map(
    serving.map(({ key, point, hostnames }) => {
      const { fleet, port } = point
      return [key, { fleet, port, listener: key, hostnames: [...hostnames] }]
    }),
  )
  return [...byKey.values()].sort((a, b) => (a.listener < b.listener ? -1 : 1))
}

const ruleKey = ({ source, rule }: HttpRule): string => {
  if (source === undefined) throw new Error('a rule without a source')
  return httpRuleKey(source, rule)
}

const unique = (keys: readonly string[]): readonly string[] => [...new Set(keys)].sort()
