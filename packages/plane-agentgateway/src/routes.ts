// One route for each rule at each listener. The proxy chooses among them by hostname, match and key, in that order.
import { type Attachment, type HttpRule } from '@penstock/ir'
import { emitRuleFilters } from './filters.ts'
import { emitBackends, type ForwardingContext } from './forwarding.ts'
import type { RouteName } from './gen/agentgateway/route.ts'
import { emitMatch } from './matches.ts'
import { encodeKind, type Resource } from './resource.ts'
import { listenerKey, routeKey } from './resource-name.ts'
import { emitTries } from './tries.ts'

export function emitRoute(rule: HttpRule, attachment: Attachment, context: ForwardingContext): Resource {
  return encodeKind({
    $case: 'route',
    value: {
      key: routeKey(rule, attachment),
      listenerKey: listenerKey(attachment),
      name: nameOfRoute(rule),
      hostnames: hostnamesOf(attachment),
      matches: rule.matches.map(emitMatch),
      backends: emitBackends(rule.backends, context),
      trafficPolicies: [...emitRuleFilters(rule.filters, context).map((kind) => ({ kind })), ...emitTries(rule)],
    },
  })
}

/**
 * The route's own hostnames, those that the listener shares: they are what ranks. The listener sees to it that no request
 * for a host of another comes this far, so a wider hostname than its own takes nothing that it should not.
 */
function hostnamesOf({ hostnames }: Attachment): string[] {
  return [...new Set(hostnames.map(({ routeHostname }) => routeHostname))].filter((hostname) => hostname !== '').sort()
}

function nameOfRoute({ source, rule }: HttpRule): RouteName {
  if (source === undefined) throw new Error('a rule without a source')
  const { kind, namespace, name } = source
  return { kind, namespace, name, ...(rule.startsWith('#') ? {} : { ruleName: rule }) }
}
