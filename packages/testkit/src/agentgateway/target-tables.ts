// Policies that stand for themselves, what they are for, and backends that are not Services.
import { BackendPolicySpec, TrafficPolicySpec } from './policy-tables.ts'
import { ResourceName } from './reference-tables.ts'
import { enumeration, int32, many, may, message, one, oneOf, opaque, string, uint32, type ValueOf } from './wire.ts'

const named = { name: one(1, string), namespace: one(2, string) }

export const PolicyTarget = message('PolicyTarget', {
  kind: oneOf({
    gateway: [1, message('GatewayTarget', { ...named, listener: may(3, string), port: may(4, uint32) })],
    route: [2, message('RouteTarget', { ...named, routeRule: may(3, string), kind: one(4, string) })],
    backend: [3, message('BackendTarget', { ...named, section: may(3, string) })],
    service: [
      4,
      message('ServiceTarget', { namespace: one(1, string), hostname: one(2, string), port: may(3, uint32) }),
    ],
    listenerSet: [5, message('ListenerSetTarget', { ...named, section: may(3, string) })],
  }),
})

export const ConditionalPolicies = message('ConditionalPolicies', {
  policies: many(
    1,
    message('ConditionalPolicy', { condition: may(1, string), kind: oneOf({ traffic: [2, TrafficPolicySpec] }) }),
  ),
})

const frontend = message('FrontendPolicySpec', {
  kind: oneOf({
    tcp: [1, opaque],
    tls: [2, opaque],
    http: [3, opaque],
    logging: [4, opaque],
    tracing: [5, opaque],
    networkAuthorization: [6, opaque],
    proxyProtocol: [7, opaque],
    metrics: [8, opaque],
    connect: [9, opaque],
  }),
})

export const Policy = message('Policy', {
  key: one(1, string),
  name: may(2, message('TypedResourceName', { ...named, kind: one(3, string) })),
  target: may(3, PolicyTarget),
  kind: oneOf({
    traffic: [4, TrafficPolicySpec],
    backend: [5, BackendPolicySpec],
    frontend: [6, frontend],
    conditional: [7, ConditionalPolicies],
  }),
  /** DEFAULT 0, OVERRIDE 1 */
  inheritance: one(8, enumeration),
})

export const Backend = message('Backend', {
  key: one(1, string),
  name: may(2, ResourceName),
  kind: oneOf({
    static: [3, message('StaticBackend', { host: one(1, string), port: one(2, int32), unixPath: one(3, string) })],
    ai: [4, message('AIBackend', { providerGroups: many(1, opaque) })],
    mcp: [5, opaque],
    dynamic: [6, message('DynamicForwardProxy', {})],
    aws: [8, message('AwsBackend', { service: oneOf({ agentCore: [1, opaque] }) })],
    guardrail: [9, opaque],
  }),
  inlinePolicies: many(7, BackendPolicySpec),
})

export type Policy = ValueOf<typeof Policy>
export type PolicyTarget = ValueOf<typeof PolicyTarget>
export type Backend = ValueOf<typeof Backend>
