// Where a rule's requests go: one cluster or several by weight (Gateway API, HTTPRouteRule.backendRefs).
import type { HttpRule, WeightedBackend } from '@penstock/ir'
import { applyFilters, backendFilters, type Effects } from './filters.ts'
import { fractionOfRoutes } from './fractions.ts'
import type { RuntimeFractionalPercent } from './gen/envoy/config/core/v3/base.ts'
import {
  type RouteAction,
  RouteAction_ClusterNotFoundResponseCode,
  type WeightedCluster_ClusterWeight,
} from './gen/envoy/config/route/v3/route_components.ts'
import { emitHeaderEdits } from './header-edits.ts'
import { emitMirror } from './mirrors.ts'
import { emitPathEdit, fullPathRegex } from './path-edits.ts'
import { emitTries } from './tries.ts'

const { SERVICE_UNAVAILABLE, NOT_FOUND, INTERNAL_SERVER_ERROR } = RouteAction_ClusterNotFoundResponseCode
const notFoundCodes: Readonly<Record<number, RouteAction_ClusterNotFoundResponseCode>> = {
  404: NOT_FOUND,
  500: INTERNAL_SERVER_ERROR,
  503: SERVICE_UNAVAILABLE,
}

interface Share {
  readonly weight: number
  readonly effects: Effects
  readonly cluster: string
  /** The status that this share gets instead of a backend. */
  readonly answer?: number
}

/** What happens to the requests of one match, or to a share of them. */
export interface Forwarding {
  /** Or the status that they get because no backend may take one. */
  readonly action: RouteAction | number
  /** Of all requests, together with the forwardings before this one. Absent: all that are left. */
  readonly share?: RuntimeFractionalPercent
}

/** Mostly one. Where backends have filters that Envoy has for routes only, each backend gets a route of its own. */
export function emitForwarding(rule: HttpRule, effects: Effects, prefix: string | undefined): Forwarding[] {
  const shares = rule.backends.map(toShare)
  const taking = shares.filter((share) => share.weight > 0)
  const [first] = taking
  if (first === undefined) return [{ action: 500 }]
  // Envoy speaks CORS only where it would forward a request.
  const answerOf = ({ answer }: Share): number | undefined => (effects.cors === undefined ? answer : undefined)
  if (taking.every((share) => share.answer !== undefined)) {
    return [{ action: answerOf(first) ?? emitAction(rule, effects, [first], prefix) }]
  }
  if (!taking.some(needsRoute)) return [{ action: emitAction(rule, effects, shares, prefix) }]
  const total = taking.reduce((sum, { weight }) => sum + weight, 0)
  let upTo = 0
  return taking.map((share, at) => {
    upTo += share.weight
    const action = answerOf(share) ?? emitAction(rule, addEffects(effects, share.effects), [share], prefix)
    return at === taking.length - 1 ? { action } : { action, share: fractionOfRoutes(upTo, total) }
  })
}

function emitAction(
  rule: HttpRule,
  effects: Effects,
  shares: readonly Share[],
  prefix: string | undefined,
): RouteAction {
  const answer = shares.find((share) => share.answer !== undefined)?.answer
  return {
    clusterSpecifier: specifyClusters(shares),
    // An invalid share names a cluster that never exists, so that it keeps its weight.
    ...(answer === undefined ? {} : { clusterNotFoundResponseCode: notFoundCodes[answer] ?? INTERNAL_SERVER_ERROR }),
    ...emitRewrite(effects, prefix),
    requestMirrorPolicies: effects.mirrors.map(emitMirror),
    ...emitTries(rule),
  }
}

/** A weighted cluster may rewrite the host too, but where its route does so the route has the last word. */
const needsRoute = ({ effects: { host, path, mirrors } }: Share): boolean =>
  host !== undefined || path !== undefined || mirrors.length > 0

/** What a backend says goes past what its rule says; headers are its own affair (emitShare). */
function addEffects(ofRule: Effects, { host, path, mirrors }: Effects): Effects {
  return {
    ...ofRule,
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path }),
    mirrors: [...ofRule.mirrors, ...mirrors],
  }
}

function toShare({ weight, filters, target }: WeightedBackend): Share {
  if (target === undefined) throw new Error('a backend without a target: of a newer schema')
  const effects = applyFilters(filters, backendFilters)
  const ended = effects.end !== undefined && 'answer' in effects.end ? effects.end.answer : undefined
  const answer = target.$case === 'answer' ? target.value : ended
  if (answer !== undefined) return { weight, effects, cluster: `answer/${answer}`, answer }
  return { weight, effects, cluster: String(target.value) }
}

function specifyClusters(shares: readonly Share[]): NonNullable<RouteAction['clusterSpecifier']> {
  const [only] = shares
  const plain = only !== undefined && shares.length === 1 && hasNoEffect(only.effects)
  if (plain) return { $case: 'cluster', value: only.cluster }
  return { $case: 'weightedClusters', value: { clusters: shares.map(emitShare) } }
}

function hasNoEffect({ requestHeaders, responseHeaders }: Effects): boolean {
  return requestHeaders.length === 0 && responseHeaders.length === 0
}

function emitShare({ cluster, weight, effects }: Share): WeightedCluster_ClusterWeight {
  const request = emitHeaderEdits(effects.requestHeaders)
  const response = emitHeaderEdits(effects.responseHeaders)
  return {
    name: cluster,
    weight,
    requestHeadersToAdd: request.add,
    requestHeadersToRemove: request.remove,
    responseHeadersToAdd: response.add,
    responseHeadersToRemove: response.remove,
  }
}

function emitRewrite(effects: Effects, prefix: string | undefined): RouteAction {
  const rewrite = emitPathEdit(effects.path, prefix)
  return {
    ...(rewrite?.$case === 'full' ? { regexRewrite: fullPathRegex(rewrite.value) } : {}),
    ...(rewrite?.$case === 'prefix' ? { prefixRewrite: rewrite.value } : {}),
    ...(rewrite?.$case === 'regex' ? { regexRewrite: rewrite.value } : {}),
    ...(effects.host === undefined
      ? {}
      : { hostRewriteSpecifier: { $case: 'hostRewriteLiteral', value: effects.host } }),
  }
}
