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
  const requestMs = durationOf(timeouts?.request)
  const backendRequestMs = durationOf(timeouts?.backendRequest)
  return requestMs === undefined && backendRequestMs === undefined ? undefined : { requestMs, backendRequestMs }
}

/** Zero attempts switch it off (HTTPRouteRetry.attempts). */
function retryOf({ retry }: HttpRouteRule): HttpRetry | undefined {
  if (retry === undefined || retry.attempts === 0) return undefined
  const codes = [...(retry.codes ?? [])].sort((a, b) => a - b)
  return { attempts: Math.min(retry.attempts, most), codes, backoffMs: durationOf(retry.backoff) }
}

function durationOf(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : durationMs(duration)
  return ms === undefined ? undefined : Math.min(ms, most)
}

/** What a record can hold. 49 days are as good as more, and so are four billion attempts. */
const most = 2 ** 32 - 1
