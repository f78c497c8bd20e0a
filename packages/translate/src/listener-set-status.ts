// What the owner of a ListenerSet is told (Gateway API: ListenerSetStatus). It is accepted when one of its listeners takes
// traffic; else it has nothing to give to its Gateway.
import type { ConditionReason } from '@penstock/gateway-api'
import type { Read } from '@penstock/incremental'
import type { Condition, Status } from '@penstock/ir'
import type { ListenerSetHome } from './gateway.ts'
import { keyOfGateway } from './listener.ts'
import type { OwnListenerSet } from './listener-set.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { type ListenerSources, listenerStatuses, statesOf } from './listener-status.ts'
import { conditionOf, type Problem, sentences } from './problem.ts'
import { nameOf } from './source.ts'

export function listenerSetStatus(listenerSet: OwnListenerSet, read: Read, from: ListenerSources): Status {
  const states = statesOf(listenerSet.listeners, read, from)
  return {
    source: listenerSet.source,
    conditions: conditionsOf(listenerSet, states),
    parents: [],
    listeners: listenerStatuses(states, read, from),
    supportedFeatures: [],
    fleets: [listenerSet.fleet],
    finalizers: [],
  }
}

/** The key of the Gateway that counts it (Gateway API: GatewayStatus.attachedListenerSets). */
export function attachedTo(
  listenerSet: OwnListenerSet,
  read: Read,
  from: Pick<ListenerSources, 'listeners'>,
): string | undefined {
  const accepted = listenerSet.problem === undefined && statesOf(listenerSet.listeners, read, from).some(isServing)
  return accepted ? keyOfGateway(listenerSet.gateway) : undefined
}

/** What it tells of those; undefined of a Gateway that lets none in. */
export const countedListenerSets = ({ allowed }: ListenerSetHome, count: number): number | undefined =>
  allowed.from === 'None' ? undefined : count

function conditionsOf({ source, problem, fleet }: OwnListenerSet, states: readonly ListenerState[]): Condition[] {
  const name = nameOf(source)
  const idle = states.filter((state) => !isServing(state))
  const invalid: Problem<ConditionReason<'ListenerSet', 'Accepted'>> = {
    reason: 'ListenersNotValid',
    message: sentences(idle.flatMap((state) => [...notAccepted(state), ...state.unresolved])),
  }
  const problems = problem ? [problem] : idle.length === states.length ? [invalid] : []
  const accepted = conditionOf('Accepted', problems, `${name} is accepted.`)
  return [
    // True with this reason: some listeners are valid, others are not.
    accepted.status && idle.length > 0 ? { ...accepted, ...invalid } : accepted,
    conditionOf('Programmed', problems.map(asNotProgrammed), `${name} is handed to the proxies of ${fleet}.`),
  ]
}

const asNotProgrammed = ({ reason, message }: Problem): Problem<ConditionReason<'ListenerSet', 'Programmed'>> => ({
  reason:
    reason === 'ParentNotAccepted' ? 'ParentNotProgrammed' : reason === 'NotAllowed' ? reason : 'ListenersNotValid',
  message,
})

const isServing = ({ serving }: ListenerState): boolean => serving
