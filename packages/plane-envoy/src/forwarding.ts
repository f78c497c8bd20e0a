// Where a rule's requests go: one cluster or several by weight (Gateway API, HTTPRouteRule.backendRefs).
import type { HttpRule, HttpTimeouts, WeightedBackend } from '@penstock/ir'
import { applyFilters, backendFilters, type Effects } from './filters.ts'
import {
  type RouteAction,
  RouteAction_ClusterNotFoundResponseCode,
  type WeightedCluster_ClusterWeight,
} from './gen/envoy/config/route/v3/route_components.ts'
import type { Duration } from './gen/google/protobuf/duration.ts'
import { emitHeaderEdits } from './header-edits.ts'
import { emitPathEdit, fullPathRegex } from './path-edits.ts'

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

/** The action, or the status that every request gets because no backend may take one. */
export function emitForwarding(rule: HttpRule, effects: Effects, prefix: string | undefined): RouteAction | number {
  const shares = rule.backends.map(toShare)
  const taking = shares.filter((share) => share.weight > 0)
  if (taking.every((share) => share.answer !== undefined)) return taking[0]?.answer ?? 500
  const answer = shares.find((share) => share.answer !== undefined)?.answer
  return {
    clusterSpecifier: specifyClusters(shares),
    // An invalid share names a cluster that never exists, so that it keeps its weight.
    ...(answer === undefined ? {} : { clusterNotFoundResponseCode: notFoundCodes[answer] ?? INTERNAL_SERVER_ERROR }),
    ...emitRewrite(effects, prefix),
    ...emitTimeouts(rule.timeouts),
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
    ...(effects.host === undefined ? {} : hostRewrite(effects.host)),
  }
}

function emitRewrite(effects: Effects, prefix: string | undefined): RouteAction {
  const rewrite = emitPathEdit(effects.path, prefix)
  return {
    ...(rewrite?.$case === 'full' ? { regexRewrite: fullPathRegex(rewrite.value) } : {}),
    ...(rewrite?.$case === 'prefix' ? { prefixRewrite: rewrite.value } : {}),
    ...(rewrite?.$case === 'regex' ? { regexRewrite: rewrite.value } : {}),
    ...(effects.host === undefined ? {} : hostRewrite(effects.host)),
  }
}

const hostRewrite = (value: string) => ({ hostRewriteSpecifier: { $case: 'hostRewriteLiteral' as const, value } })

/** Gateway API has no default timeout and Envoy has one of 15 s, so it is always said; zero switches it off. */
function emitTimeouts(timeouts: HttpTimeouts | undefined): RouteAction {
  const backendRequestMs = timeouts?.backendRequestMs ?? 0
  return {
    timeout: duration(timeouts?.requestMs ?? 0),
    // Without retries, one try is what a backend may take.
    ...(backendRequestMs === 0 ? {} : { retryPolicy: { perTryTimeout: duration(backendRequestMs) } }),
  }
}

function duration(milliseconds: number): Duration {
  return { seconds: BigInt(Math.floor(milliseconds / 1_000)), nanos: (milliseconds % 1_000) * 1_000_000 }
}
