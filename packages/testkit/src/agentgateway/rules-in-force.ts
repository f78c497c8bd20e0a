// Which of the rules for a request count: the proxy takes policies as they are and merges them itself.

import type { Listener } from './accept-listener.ts'
import { gatewayTarget, routeTarget, serviceTarget } from './accept-policy.ts'
import type { Target } from './accept-reference.ts'
import type { Route } from './accept-route.ts'
import type { BackendRule, TrafficRule } from './accept-rule.ts'
import type { BindStore } from './bind-store.ts'

type ByKind<R extends { readonly is: string; readonly value: unknown }> = {
  readonly [K in R['is']]?: Extract<R, { is: K }>['value']
}
export type TrafficRules = ByKind<TrafficRule>
export type BackendRules = ByKind<BackendRule>

/** The last one of its kind counts, unless one before overrides: gateway, listener, route, rule, the route's own. */
export function trafficRules(store: BindStore, { name }: Listener, route: Route): TrafficRules {
  const { kind, namespace, name: routeName, ruleName } = route.name
  const targets = new Set([
    gatewayTarget(name.gatewayNamespace, name.gatewayName),
    gatewayTarget(name.gatewayNamespace, name.gatewayName, name.listenerName),
    routeTarget(kind, namespace, routeName),
    routeTarget(kind, namespace, routeName, ruleName),
  ])
  const rules: Record<string, unknown> = {}
  const locked = new Set<string>()
  const count = (rule: TrafficRule, overrides: boolean): void => {
    if (locked.has(rule.is)) return
    rules[rule.is] = rule.value
    if (overrides) locked.add(rule.is)
  }
  for (const target of targets)
    for (const { rule, overrides } of store.policiesFor(target)) if (rule.is === 'traffic') count(rule.value, overrides)
  for (const rule of route.rules) count(rule, false)
  return rules
}

/** The first one of its kind counts: the reference's own, the backend's own, route, service and port, service, gateway. */
export function backendRules(
  store: BindStore,
  target: Target,
  own: readonly BackendRule[],
  from?: { readonly listener: Listener; readonly route: Route },
): BackendRules {
  const rules: Record<string, unknown> = {}
  const count = ({ is, value }: BackendRule): void => {
    rules[is] ??= value
  }
  own.forEach(count)
  if (target.is === 'backend') store.backends.get(target.key)?.rules.forEach(count)
  for (const key of backendTargets(target, from))
    for (const { rule } of store.policiesFor(key)) if (rule.is === 'backend') count(rule.value)
  return rules
}

function backendTargets(target: Target, from?: { readonly listener: Listener; readonly route: Route }): Set<string> {
  const targets: string[] = []
  if (from) {
    const { kind, namespace, name, ruleName } = from.route.name
    targets.push(routeTarget(kind, namespace, name, ruleName), routeTarget(kind, namespace, name))
  }
  if (target.is === 'service') {
    const [namespace = '', hostname = ''] = target.service.split('/')
    targets.push(serviceTarget(namespace, hostname, target.port), serviceTarget(namespace, hostname))
  }
  if (from) {
    const { gatewayNamespace, gatewayName, listenerName } = from.listener.name
    targets.push(gatewayTarget(gatewayNamespace, gatewayName, listenerName))
    targets.push(gatewayTarget(gatewayNamespace, gatewayName))
  }
  return new Set(targets)
}
