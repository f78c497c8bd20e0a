// What the owner of a Gateway is told (Gateway API: GatewayStatus). Programmed is as translation sees it: whether the
// proxies have it is joined later.
import type { Index, Read } from '@penstock/incremental'
import type { Status } from '@penstock/ir'
import { requiredAddresses } from './addresses.ts'
import type { OwnGateway } from './gateway.ts'
import { keyOfGateway } from './listener.ts'
import { countedListenerSets } from './listener-set-status.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { type ListenerSources, listenerStatuses, statesOf } from './listener-status.ts'
import { conditionOf, type Problem, sentences } from './problem.ts'
import { nameOf } from './source.ts'

export function gatewayStatus(
  gateway: OwnGateway,
  read: Read,
  from: ListenerSources & { readonly attachedListenerSets: Index<unknown> },
): Status {
  const states = statesOf(gateway.listeners, read, from)
  const attached = read.count(from.attachedListenerSets, keyOfGateway(gateway.source))
  return {
    source: gateway.source,
    conditions: conditionsOf(gateway, states),
    parents: [],
    listeners: listenerStatuses(states, read, from),
    attachedListenerSets: countedListenerSets(gateway.listenerSets, attached),
    requiredAddresses: requiredAddresses(gateway.addresses),
    supportedFeatures: [],
    fleets: [gateway.fleet],
    finalizers: [],
  }
}

function conditionsOf(gateway: OwnGateway, states: readonly ListenerState[]): Status['conditions'] {
  const name = nameOf(gateway.source)
  const refused = states.flatMap(notAccepted)
  const someAccepted = states.some((state) => notAccepted(state).length === 0)
  const notValid: Problem = { reason: 'ListenersNotValid', message: sentences(refused) }
  const accepted = conditionOf(
    'Accepted',
    [...gateway.problems, ...gateway.parameterProblems, ...(someAccepted ? [] : [notValid])],
    `${name} is accepted.`,
  )
  // True with this reason: some listeners are valid, others are not.
  const partly = accepted.status && refused.length > 0 ? { ...accepted, ...notValid } : accepted
  const idle: Problem = { reason: 'Invalid', message: `No listener of ${name} can take traffic.` }
  const unresolved = states.flatMap((state) => state.unresolved)
  const notResolved: Problem = { reason: 'ListenersNotResolved', message: sentences(unresolved) }
  return [
    partly,
    // A reference that is not resolved is told by ResolvedRefs alone.
    conditionOf(
      'Programmed',
      someAccepted && gateway.problems.length === 0 ? [] : [idle],
      `${name} is handed to the proxies of ${gateway.fleet}.`,
    ),
    conditionOf(
      'ResolvedRefs',
      [...gateway.unresolved, ...(unresolved.length > 0 ? [notResolved] : [])],
      `All references of ${name} are resolved.`,
    ),
    ...insecure(gateway),
  ]
}

/** Only ever True (Gateway API: GatewayConditionInsecureFrontendValidationMode), whoever's listeners are there. */
function insecure({ source, laxPlaces }: OwnGateway): Status['conditions'] {
  if (laxPlaces.length === 0) return []
  const message = `${nameOf(source)} lets clients in without a valid certificate ${laxPlaces.join(', ')}.`
  return [{ type: 'InsecureFrontendValidationMode', status: true, reason: 'ConfigurationChanged', message }]
}
