// What only an HTTPRoute has (Gateway API: HTTPRouteRule): its matches, timeouts and retries, 500 where there is no backend.
import { durationMs, type HttpRouteRule } from '@penstock/gateway-api'
import type { HttpRetry, HttpTimeouts } from '@penstock/ir'
import { translateHttpMatches } from './matches.ts'
import type { RuleSyntax } from './rule-syntax.ts'

export const httpRouteSyntax: RuleSyntax<HttpRouteRule> = {
  kind: 'HTTPRoute',
  use: 'http',
  unavailable: { status: 500, name: '500' },
  matchesOf: translateHttpMatches,
  timeoutsOf,
  retryOf,
}

function timeoutsOf({ timeouts }: HttpRouteRule): HttpTimeouts | undefined {
  const requestMs = clamp(timeouts?.request)
  const backendRequestMs = clamp(timeouts?.backendRequest)
  return requestMs === undefined && backendRequestMs === undefined ? undefined : { requestMs, backendRequestMs }
}

/** Zero attempts switch it off (HTTPRouteRetry.attempts). */
function retryOf({ retry }: HttpRouteRule): HttpRetry | undefined {
  if (retry === undefined || retry.attempts === 0) return undefined
  const codes = [...(retry.codes ?? [])].sort((a, b) => a - b)
  return { attempts: retry.attempts, codes, backoffMs: clamp(retry.backoff) }
}

/** 49 days are as good as more. */
function clamp(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : durationMs(duration)
  return ms === undefined ? undefined : Math.min(ms, 2 ** 32 - 1)
}
