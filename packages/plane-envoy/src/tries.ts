// How long a request may take, and how often it is tried (Gateway API, HTTPRouteTimeouts and HTTPRouteRetry).
import type { HttpRetry, HttpRule } from '@penstock/ir'
import { packAny } from './any.ts'
import type {
  RetryPolicy,
  RetryPolicy_RetryHostPredicate,
  Route,
  RouteAction,
} from './gen/envoy/config/route/v3/route_components.ts'
import { PreviousHostsPredicate } from './gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts'
import type { Duration } from './gen/google/protobuf/duration.ts'

/** Gateway API has no default timeout and Envoy has one of 15 s, so it is always said; zero switches it off. */
export function emitTries({ timeouts, retry }: Pick<HttpRule, 'timeouts' | 'retry'>): RouteAction {
  const perTryMs = timeouts?.backendRequestMs ?? 0
  const retryPolicy: RetryPolicy = {
    ...(perTryMs === 0 ? {} : { perTryTimeout: duration(perTryMs) }),
    ...(retry === undefined ? {} : emitRetry(retry)),
  }
  return {
    timeout: duration(timeouts?.requestMs ?? 0),
    ...(Object.keys(retryPolicy).length === 0 ? {} : { retryPolicy }),
  }
}

/** What is to be sent again has to be kept, so this much of a body; a request with a larger one is not tried again. */
export function emitKeptBody({ retry }: Pick<HttpRule, 'retry'>): Pick<Route, 'requestBodyBufferLimit'> {
  return retry === undefined ? {} : { requestBodyBufferLimit: 1_048_576n }
}

/** What the specification has retried whether or not a code is listed: the backend has not begun with the request. */
const notBegun = ['connect-failure', 'refused-stream', 'unavailable']

function emitRetry({ attempts, codes, backoffMs }: HttpRetry): RetryPolicy {
  return {
    retryOn: [...notBegun, ...(codes.length === 0 ? [] : ['retriable-status-codes'])].join(','),
    numRetries: attempts,
    retriableStatusCodes: codes,
    retryHostPredicate: [otherHost],
    hostSelectionRetryMaxAttempts: 3n,
    // Envoy doubles it from try to try, up to tenfold, and waits a random part of that.
    ...(backoffMs === undefined ? {} : { retryBackOff: { baseInterval: duration(Math.max(backoffMs, 1)) } }),
  }
}

/** Prefers an endpoint that has not failed this request. */
const otherHost: RetryPolicy_RetryHostPredicate = {
  name: 'envoy.retry_host_predicates.previous_hosts',
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', PreviousHostsPredicate, {}),
  },
}

function duration(milliseconds: number): Duration {
  return { seconds: BigInt(Math.floor(milliseconds / 1_000)), nanos: (milliseconds % 1_000) * 1_000_000 }
}
