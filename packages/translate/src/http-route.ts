// HTTPRoute: where it attaches, what its rules do, and what its owner is told. One rule is one record, so that a plane
// never meets the route as a whole.
import { type HttpRoute, rulePrecedence } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import {
  type Attachment,
  type Capabilities,
  type HttpRule,
  httpRuleKey,
  type IrRecord,
  type Status,
} from '@penstock/ir'
import type { BackendSources } from './backend-refs.ts'
import { httpRouteStatus } from './http-route-status.ts'
import { type TranslatedRule, translateHttpRule } from './http-rule.ts'
import { refusals, refusedOfHttpRoute } from './refused.ts'
import { attachToParents, type ParentOutcome, type ParentSources } from './route-parents.ts'
import { nameOf, sourceOf } from './source.ts'

export interface TranslatedRoute {
  readonly rules: readonly HttpRule[]
  /** Keys of the backend records that its rules name. */
  readonly backends: readonly string[]
  /** Keys of the listeners that count it among their attached routes. */
  readonly attachedTo: readonly string[]
  readonly status: Status
}

/** Nothing for a route without a parent of ours. */
export function translateHttpRoute(
  route: HttpRoute,
  read: Read,
  from: ParentSources & BackendSources,
  plane: Capabilities,
): TranslatedRoute | undefined {
  const parents = attachToParents(route, read, from)
  if (parents.length === 0) return undefined
  const source = sourceOf(route)
  const context = {
    namespace: source.namespace,
    plane,
    problems: refusals(refusedOfHttpRoute, route, nameOf(source)),
  }
  const translated = route.spec.rules.map((rule, position) =>
    translateHttpRule(rule, position, context, { read, from }),
  )
  const attachments = attachmentsOf(parents)
  const rules = attachments.length === 0 ? [] : recordsOf(route, translated, attachments)
  const valid = translated.some(({ invalid }) => invalid.length === 0)
  return {
    rules,
    backends: backendsOf(rules),
    attachedTo: valid ? unique(parents.flatMap(({ attached }) => attached.map(({ key }) => key))) : [],
    status: httpRouteStatus(source, parents, translated),
  }
}

export function ruleRecords({ rules }: TranslatedRoute): readonly (readonly [string, IrRecord])[] {
  return rules.map((value) => [ruleKey(value), { kind: 'http_rule', value }])
}

function recordsOf(route: HttpRoute, translated: readonly TranslatedRule[], attachments: Attachment[]): HttpRule[] {
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

function backendsOf(rules: readonly HttpRule[]): readonly string[] {
  const targets = rules.flatMap(({ backends }) => backends.map(({ target }) => target))
  return unique(targets.flatMap((target) => (target?.$case === 'backend' ? [target.value] : [])))
}

const ruleKey = ({ source, rule }: HttpRule): string => {
  if (source === undefined) throw new Error('a rule without a source')
  return httpRuleKey(source, rule)
}

const unique = (keys: readonly string[]): readonly string[] => [...new Set(keys)].sort()
