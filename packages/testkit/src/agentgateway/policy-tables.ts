// What happens to requests, of routes and of backends. The insides of policies that no Gateway API resource asks for yet
// are not looked at.
import { BackendReference } from './reference-tables.ts'
import {
  bool,
  bytes,
  double,
  enumeration,
  int32,
  int64,
  many,
  may,
  message,
  one,
  oneOf,
  opaque,
  string,
  uint32,
  type ValueOf,
} from './wire.ts'

const Duration = message('Duration', { seconds: one(1, int64), nanos: one(2, int32) })

const Timeout = message('Timeout', { request: may(1, Duration), backendRequest: may(2, Duration) })

const Retry = message('Retry', {
  retryStatusCodes: many(1, int32),
  attempts: one(2, int32),
  backoff: may(3, Duration),
  precondition: one(4, string),
  condition: one(5, string),
})

const Header = message('Header', { name: one(1, string), value: one(2, string) })

const HeaderModifier = message('HeaderModifier', {
  add: many(1, Header),
  set: many(2, Header),
  remove: many(3, string),
})

const RequestRedirect = message('RequestRedirect', {
  scheme: one(1, string),
  host: one(2, string),
  path: oneOf({ full: [3, string], prefix: [4, string] }),
  port: one(5, uint32),
  status: one(6, uint32),
})

const UrlRewrite = message('UrlRewrite', {
  host: one(1, string),
  path: oneOf({ full: [2, string], prefix: [3, string] }),
})

const Mirror = message('Mirror', { backend: may(1, BackendReference), percentage: one(2, double) })
const RequestMirrors = message('RequestMirrors', { mirrors: many(1, Mirror) })

const DirectResponse = message('DirectResponse', {
  status: one(1, uint32),
  body: one(2, bytes),
  bodyExpression: one(3, string),
  headers: many(4, message('ExpressionHeader', { name: one(1, string), expression: one(2, string) })),
})

const Cors = message('CORS', {
  allowCredentials: one(1, bool),
  allowHeaders: many(2, string),
  allowMethods: many(3, string),
  allowOrigins: many(4, string),
  exposeHeaders: many(5, string),
  maxAge: may(6, Duration),
})

/** NONE 0, AUTO 1 */
const HostRewrite = message('HostRewrite', { mode: one(1, enumeration) })

export const TrafficPolicySpec = message('TrafficPolicySpec', {
  /** ROUTE 0, GATEWAY 1 */
  phase: one(1, enumeration),
  kind: oneOf({
    timeout: [2, Timeout],
    retry: [3, Retry],
    localRateLimit: [4, opaque],
    extAuthz: [5, opaque],
    authorization: [6, opaque],
    jwt: [7, opaque],
    transformation: [8, opaque],
    remoteRateLimit: [9, opaque],
    csrf: [10, opaque],
    extProc: [11, opaque],
    requestHeaderModifier: [12, HeaderModifier],
    responseHeaderModifier: [13, HeaderModifier],
    requestRedirect: [14, RequestRedirect],
    urlRewrite: [15, UrlRewrite],
    requestMirror: [16, RequestMirrors],
    directResponse: [17, DirectResponse],
    cors: [18, Cors],
    basicAuth: [19, opaque],
    apiKeyAuth: [20, opaque],
    hostRewrite: [21, HostRewrite],
    buffer: [22, opaque],
    delay: [23, opaque],
  }),
})

const BackendTls = message('BackendTLS', {
  cert: may(1, bytes),
  key: may(2, bytes),
  root: may(3, bytes),
  /** STRICT 0, INSECURE_HOST 1, INSECURE_ALL 2 */
  verification: one(4, enumeration),
  hostname: may(5, string),
  verifySubjectAltNames: many(6, string),
  alpn: may(7, message('Alpn', { protocols: many(1, string) })),
  keyExchangeGroups: many(8, enumeration),
})

/** UNSPECIFIED 0, HTTP1 1, HTTP2 2 */
const BackendHttp = message('BackendHTTP', { version: one(1, enumeration), requestTimeout: may(2, Duration) })

export const BackendPolicySpec = message('BackendPolicySpec', {
  kind: oneOf({
    a2a: [1, opaque],
    inferenceRouting: [2, opaque],
    backendTls: [3, BackendTls],
    auth: [4, opaque],
    mcpAuthorization: [5, opaque],
    mcpAuthentication: [6, opaque],
    ai: [7, opaque],
    requestHeaderModifier: [8, HeaderModifier],
    responseHeaderModifier: [9, HeaderModifier],
    requestRedirect: [10, RequestRedirect],
    requestMirror: [11, RequestMirrors],
    backendHttp: [12, BackendHttp],
    backendTcp: [13, opaque],
    transformation: [14, opaque],
    health: [15, opaque],
    backendTunnel: [16, opaque],
    extAuthz: [17, opaque],
    mcpGuardrails: [18, opaque],
  }),
})

export type Duration = ValueOf<typeof Duration>
export type TrafficPolicySpec = ValueOf<typeof TrafficPolicySpec>
export type BackendPolicySpec = ValueOf<typeof BackendPolicySpec>
export type HeaderModifier = ValueOf<typeof HeaderModifier>
export type RequestRedirect = ValueOf<typeof RequestRedirect>
export type RequestMirrors = ValueOf<typeof RequestMirrors>
export type UrlRewrite = ValueOf<typeof UrlRewrite>
export type Cors = ValueOf<typeof Cors>
export type Retry = ValueOf<typeof Retry>
export type Timeout = ValueOf<typeof Timeout>
export type BackendTls = ValueOf<typeof BackendTls>
export type DirectResponse = ValueOf<typeof DirectResponse>
