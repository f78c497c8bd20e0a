// One thing that is done to requests, or to those for a backend: of its kind the most specific one counts.
import { acceptReference, type Target } from './accept-reference.ts'
import { type AcceptedBackendTls, acceptBackendTls } from './accept-tls.ts'
import type {
  BackendPolicySpec,
  Cors,
  DirectResponse,
  Duration,
  HeaderModifier,
  RequestMirrors,
  RequestRedirect,
  Retry,
  Timeout,
  TrafficPolicySpec,
  UrlRewrite,
} from './policy-tables.ts'
import { enumerated, headerName, refuse, required, statusCode, type Warn } from './verdict.ts'

export interface Timeouts {
  readonly requestMs?: number
  readonly backendRequestMs?: number
}

export interface Retries {
  /** After the first try. */
  readonly attempts: number
  readonly codes: readonly number[]
  readonly backoffMs: number
}

export interface Mirror {
  readonly target: Target
  /** From 0 to 1. */
  readonly share: number
}

/** What is done to requests, by kind; `unknown` is taken by the proxy, and not answered by this client. */
export type TrafficRule =
  | { readonly is: 'timeout'; readonly value: Timeouts }
  | { readonly is: 'retry'; readonly value: Retries }
  | { readonly is: 'requestHeaderModifier'; readonly value: HeaderModifier }
  | { readonly is: 'responseHeaderModifier'; readonly value: HeaderModifier }
  | { readonly is: 'requestRedirect'; readonly value: RequestRedirect }
  | { readonly is: 'urlRewrite'; readonly value: UrlRewrite }
  | { readonly is: 'requestMirror'; readonly value: readonly Mirror[] }
  | { readonly is: 'directResponse'; readonly value: DirectResponse }
  | { readonly is: 'cors'; readonly value: Cors }
  | { readonly is: 'hostRewrite'; readonly value: 'none' | 'auto' }
  | { readonly is: 'unknown'; readonly value: string }

export type BackendRule =
  | { readonly is: 'backendTls'; readonly value: AcceptedBackendTls }
  | { readonly is: 'requestHeaderModifier'; readonly value: HeaderModifier }
  | { readonly is: 'responseHeaderModifier'; readonly value: HeaderModifier }
  | { readonly is: 'requestRedirect'; readonly value: RequestRedirect }
  | { readonly is: 'requestMirror'; readonly value: readonly Mirror[] }
  | { readonly is: 'http'; readonly value: { readonly version?: 1 | 2; readonly requestMs?: number } }
  | { readonly is: 'unknown'; readonly value: string }

export function acceptTrafficPolicy({ kind }: TrafficPolicySpec, warn: Warn): TrafficRule {
  const spec = required(kind)
  switch (spec.is) {
    case 'timeout':
      return { is: 'timeout', value: acceptTimeouts(spec.value) }
    case 'retry':
      return { is: 'retry', value: acceptRetry(spec.value, warn) }
    case 'requestHeaderModifier':
    case 'responseHeaderModifier':
      return { is: spec.is, value: spec.value }
    case 'requestRedirect':
      return { is: 'requestRedirect', value: acceptRedirect(spec.value) }
    case 'urlRewrite':
      return { is: 'urlRewrite', value: spec.value }
    case 'requestMirror':
      return { is: 'requestMirror', value: acceptMirrors(spec.value) }
    case 'directResponse':
      for (const { name } of spec.value.headers) headerName(name)
      statusCode(spec.value.status)
      return { is: 'directResponse', value: spec.value }
    case 'cors':
      return { is: 'cors', value: acceptCors(spec.value) }
    case 'hostRewrite':
      return { is: 'hostRewrite', value: enumerated(spec.value.mode, 1) === 1 ? 'auto' : 'none' }
    default:
      return { is: 'unknown', value: spec.is }
  }
}

export function acceptBackendPolicy({ kind }: BackendPolicySpec, warn: Warn): BackendRule {
  const spec = required(kind)
  switch (spec.is) {
    case 'backendTls':
      return { is: 'backendTls', value: acceptBackendTls(spec.value, warn) }
    case 'requestHeaderModifier':
    case 'responseHeaderModifier':
      return { is: spec.is, value: spec.value }
    case 'requestRedirect':
      return { is: 'requestRedirect', value: acceptRedirect(spec.value) }
    case 'requestMirror':
      return { is: 'requestMirror', value: acceptMirrors(spec.value) }
    case 'backendHttp': {
      const version = ([undefined, 1, 2] as const)[enumerated(spec.value.version, 2)]
      const { requestTimeout } = spec.value
      return { is: 'http', value: { ...(version && { version }), ...optional('requestMs', requestTimeout) } }
    }
    default:
      return { is: 'unknown', value: spec.is }
  }
}

const acceptTimeouts = ({ request, backendRequest }: Timeout): Timeouts => ({
  ...optional('requestMs', request),
  ...optional('backendRequestMs', backendRequest),
})

/** Kept as a byte; none is one. */
function acceptRetry({ attempts, retryStatusCodes, backoff, precondition, condition }: Retry, warn: Warn): Retries {
  if (precondition !== '' || condition !== '') warn('this client evaluates no expressions')
  return {
    attempts: attempts & 0xff || 1,
    codes: retryStatusCodes.map(statusCode),
    backoffMs: backoff === undefined ? 0 : milliseconds(backoff),
  }
}

function acceptRedirect(redirect: RequestRedirect): RequestRedirect {
  if (!/^([A-Za-z][A-Za-z0-9+.-]*)?$/.test(redirect.scheme)) refuse(`invalid scheme ${redirect.scheme}`)
  if (redirect.status !== 0) statusCode(redirect.status)
  return redirect
}

function acceptCors(cors: Cors): Cors {
  for (const name of [...cors.allowHeaders, ...cors.exposeHeaders]) if (name !== '*') headerName(name)
  for (const method of cors.allowMethods) if (method !== '*') headerName(method)
  if (cors.maxAge !== undefined) milliseconds(cors.maxAge)
  return cors
}

/** A share outside 0 to 100 makes the proxy fail when it draws, so it is not taken here. */
const acceptMirrors = ({ mirrors }: RequestMirrors): Mirror[] =>
  mirrors.map(({ backend, percentage }) =>
    percentage >= 0 && percentage <= 100
      ? { target: acceptReference(backend), share: percentage / 100 }
      : refuse(`percentage ${percentage}`),
  )

function optional<K extends string>(name: K, duration: Duration | undefined): { [_ in K]?: number } {
  return duration === undefined ? {} : ({ [name]: milliseconds(duration) } as { [_ in K]?: number })
}

function milliseconds({ seconds, nanos }: Duration): number {
  return seconds < 0 || nanos < 0 ? refuse('invalid duration: negative') : seconds * 1_000 + nanos / 1_000_000
}
