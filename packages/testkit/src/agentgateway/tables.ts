// Listeners and routes as agentgateway v1.4.1 reads them: the numbers are typed anew from its tables.
import { BackendPolicySpec, TrafficPolicySpec } from './policy-tables.ts'
import { BackendReference, NamespacedHostname, ResourceName } from './reference-tables.ts'
import { Backend, Policy } from './target-tables.ts'
import {
  bytes,
  enumeration,
  int32,
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

export const Bind = message('Bind', {
  key: one(1, string),
  port: one(2, uint32),
  /** HTTP 0, TCP 1, TLS 2 */
  protocol: one(3, enumeration),
  /** DIRECT 0, PROXY 1, HBONE_WAYPOINT 2, HBONE_GATEWAY 3, CONNECT 4 */
  tunnelProtocol: one(4, enumeration),
  /** STANDARD 0, INTERNAL 1 */
  mode: one(5, enumeration),
})

export const TlsConfig = message('TLSConfig', {
  cert: one(1, bytes),
  privateKey: one(2, bytes),
  root: may(3, bytes),
  cipherSuites: many(4, enumeration),
  /** TLS 1.2 is 3, TLS 1.3 is 4 */
  minVersion: may(5, enumeration),
  maxVersion: may(6, enumeration),
  /** STRICT 0, ALLOW_INSECURE_FALLBACK 1, DISABLE 2 */
  mtlsMode: one(7, enumeration),
  keyExchangeGroups: many(8, enumeration),
  /** INLINE 0, ISTIO_WORKLOAD 1, DYNAMIC_CA 2 */
  certificateSource: one(9, enumeration),
})

export const ListenerName = message('ListenerName', {
  gatewayName: one(1, string),
  gatewayNamespace: one(2, string),
  listenerName: one(3, string),
  listenerSet: may(4, ResourceName),
})

export const Listener = message('Listener', {
  key: one(1, string),
  bindKey: one(2, string),
  name: may(3, ListenerName),
  hostname: one(4, string),
  /** UNKNOWN 0, HTTP 1, HTTPS 2, TLS 3, TCP 4, HBONE 5 */
  protocol: one(5, enumeration),
  tls: may(6, TlsConfig),
})

export const RouteName = message('RouteName', {
  kind: one(1, string),
  name: one(2, string),
  namespace: one(3, string),
  ruleName: may(4, string),
})

export const PathMatch = message('PathMatch', {
  kind: oneOf({ exact: [1, string], pathPrefix: [2, string], regex: [3, string] }),
})

const named = { name: one(1, string), value: oneOf({ exact: [2, string], regex: [3, string] }) }
export const HeaderMatch = message('HeaderMatch', named)
export const QueryMatch = message('QueryMatch', named)

export const RouteMatch = message('RouteMatch', {
  path: may(1, PathMatch),
  headers: many(2, HeaderMatch),
  method: may(3, message('MethodMatch', { exact: one(1, string) })),
  queryParams: many(4, QueryMatch),
})

export const RouteBackend = message('RouteBackend', {
  backend: may(1, BackendReference),
  weight: one(2, int32),
  backendPolicies: many(5, BackendPolicySpec),
  routeGroupKey: may(6, string),
})

export const Route = message('Route', {
  key: one(1, string),
  listenerKey: one(2, string),
  name: may(3, RouteName),
  hostnames: many(5, string),
  matches: many(6, RouteMatch),
  backends: many(7, RouteBackend),
  trafficPolicies: many(8, TrafficPolicySpec),
  serviceKey: may(9, NamespacedHostname),
  routeGroupKey: may(10, string),
  servicePort: one(11, uint32),
})

export const TcpRoute = message('TCPRoute', {
  key: one(1, string),
  listenerKey: one(2, string),
  name: may(3, RouteName),
  hostnames: many(5, string),
  backends: many(6, RouteBackend),
  serviceKey: may(9, NamespacedHostname),
  servicePort: one(11, uint32),
})

export const Resource = message('Resource', {
  kind: oneOf({
    bind: [1, Bind],
    listener: [2, Listener],
    route: [3, Route],
    backend: [4, Backend],
    policy: [5, Policy],
    tcpRoute: [6, TcpRoute],
    workload: [7, opaque],
    service: [8, opaque],
    routeGroup: [9, opaque],
    modelRoute: [10, opaque],
  }),
})

export type Resource = ValueOf<typeof Resource>
export type Bind = ValueOf<typeof Bind>
export type Listener = ValueOf<typeof Listener>
export type ListenerName = ValueOf<typeof ListenerName>
export type TlsConfig = ValueOf<typeof TlsConfig>
export type Route = ValueOf<typeof Route>
export type RouteName = ValueOf<typeof RouteName>
export type TcpRoute = ValueOf<typeof TcpRoute>
export type RouteMatch = ValueOf<typeof RouteMatch>
export type RouteBackend = ValueOf<typeof RouteBackend>
