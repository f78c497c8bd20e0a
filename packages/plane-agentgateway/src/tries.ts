// How long a request may take, and how often it is tried (Gateway API, HTTPRouteTimeouts and HTTPRouteRetry).
import type { HttpRetry, HttpRule } from '@penstock/ir'
import { duration } from './duration.ts'
import type { Retry, Timeout, TrafficPolicySpec } from './gen/agentgateway/policy.ts'

/** The proxy limits nothing by itself. */
export function emitTries({ timeouts, retry }: Pick<HttpRule, 'timeouts' | 'retry'>): TrafficPolicySpec[] {
  const { requestMs = 0, backendRequestMs = 0 } = timeouts ?? {}
  const timeout: Timeout = {
    ...(requestMs === 0 ? {} : { request: duration(requestMs) }),
    ...(backendRequestMs === 0 ? {} : { backendRequest: duration(backendRequestMs) }),
  }
  return [
    ...(Object.keys(timeout).length === 0 ? [] : [{ kind: { $case: 'timeout', value: timeout } } as const]),
    ...(retry === undefined ? [] : [{ kind: { $case: 'retry', value: emitRetry(retry) } } as const]),
  ]
}

/** It keeps the number in a byte and adds the first try to it. */
const mostAttempts = 254

/** What could not reach a backend is tried again whatever the codes. */
function emitRetry({ attempts, codes, backoffMs }: HttpRetry): Retry {
  return {
    retryStatusCodes: codes,
    attempts: Math.min(attempts, mostAttempts),
    ...(backoffMs === undefined ? {} : { backoff: duration(backoffMs) }),
  }
}
