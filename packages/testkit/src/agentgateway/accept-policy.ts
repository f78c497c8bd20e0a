// Policies that stand for themselves, and backends that are no Services.
import { acceptBackendPolicy, acceptTrafficPolicy, type BackendRule, type TrafficRule } from './accept-rule.ts'
import type { Backend as BackendMessage, Policy as PolicyMessage, PolicyTarget } from './target-tables.ts'
import { enumerated, refuse, required, type Warn } from './verdict.ts'

export interface Policy {
  readonly key: string
  readonly target: TargetKey
  /** What is more specific does not count against it. */
  readonly overrides: boolean
  readonly rule: PolicyRule
}

export type PolicyRule =
  | { readonly is: 'traffic'; readonly value: TrafficRule }
  | { readonly is: 'backend'; readonly value: BackendRule }
  | { readonly is: 'unknown'; readonly value: string }

export type Backend =
  | { readonly is: 'address'; readonly host: string; readonly port: number; readonly rules: readonly BackendRule[] }
  | { readonly is: 'unknown'; readonly value: string; readonly rules: readonly BackendRule[] }

/** A target as text, so that what a policy is for and what a request meets can be compared. */
export type TargetKey = string

export const gatewayTarget = (namespace: string, name: string, listener?: string, port?: number): TargetKey =>
  JSON.stringify(['gateway', namespace, name, listener ?? '', port ?? 0])
export const routeTarget = (kind: string, namespace: string, name: string, rule?: string): TargetKey =>
  JSON.stringify(['route', kind, namespace, name, rule ?? ''])
export const serviceTarget = (namespace: string, hostname: string, port?: number): TargetKey =>
  JSON.stringify(['service', namespace, hostname, port ?? 0])
const otherTarget = (is: string, namespace: string, name: string, section?: string): TargetKey =>
  JSON.stringify([is, namespace, name, section ?? ''])

export function acceptPolicy(message: PolicyMessage, warn: Warn): Policy {
  return {
    key: message.key,
    target: targetKey(required(required(message.target).kind)),
    overrides: message.inheritance === 1,
    rule: acceptPolicyRule(message, warn),
  }
}

function targetKey(target: NonNullable<PolicyTarget['kind']>): TargetKey {
  switch (target.is) {
    case 'gateway': {
      const { namespace, name, listener, port } = target.value
      return (port ?? 0) > 65_535 ? refuse('gateway target port') : gatewayTarget(namespace, name, listener, port)
    }
    case 'route': {
      const { kind, namespace, name, routeRule } = target.value
      return routeTarget(kind, namespace, name, routeRule)
    }
    case 'service': {
      const { namespace, hostname, port } = target.value
      return serviceTarget(namespace, hostname, port)
    }
    default: {
      const { namespace, name, section } = target.value
      return otherTarget(target.is, namespace, name, section)
    }
  }
}

function acceptPolicyRule({ kind }: PolicyMessage, warn: Warn): PolicyRule {
  const policy = required(kind)
  switch (policy.is) {
    case 'traffic': {
      const value = acceptTrafficPolicy(policy.value, warn)
      if (enumerated(policy.value.phase, 1) === 1) return { is: 'unknown', value: `${value.is} of a gateway` }
      return { is: 'traffic', value }
    }
    case 'backend':
      return { is: 'backend', value: acceptBackendPolicy(policy.value, warn) }
    case 'frontend':
      return { is: 'unknown', value: required(policy.value.kind).is }
    default: {
      const kinds = policy.value.policies.map((one) => required(required(one.kind).value.kind).is)
      const [first = refuse('missing required field')] = kinds
      if (kinds.some((one) => one !== first)) refuse('conditional policies must all have the same traffic policy kind')
      return { is: 'unknown', value: 'conditional' }
    }
  }
}

export function acceptBackend(message: BackendMessage, warn: Warn): Backend {
  const rules = message.inlinePolicies.map((policy) => acceptBackendPolicy(policy, warn))
  required(message.name)
  const kind = message.kind ?? refuse('unknown backend')
  if (kind.is === 'static' && kind.value.unixPath === '')
    return { is: 'address', host: kind.value.host, port: kind.value.port & 0xffff, rules }
  if (kind.is === 'ai' && kind.value.providerGroups.length === 0)
    refuse('AI backend must have at least one provider group')
  if (kind.is === 'aws' && kind.value.service === undefined) refuse('AwsBackend: missing service')
  if (kind.is === 'guardrail') warn('guardrail backends are not yet implemented and will be ignored')
  return { is: 'unknown', value: kind.is, rules }
}
