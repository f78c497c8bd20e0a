// What the owner of a Gateway is told (Gateway API: GatewayStatus). Programmed is as translation sees it: whether the
// proxies have it is joined later.
import type { Collection, Index, Read } from '@penstock/incremental'
import type { Status } from '@penstock/ir'
import { type CertificateTrouble, certificateConditions } from './certificate-validity.ts'
import type { OwnGateway } from './gateway.ts'
import { keyOfListener } from './listener.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { listenerStatus } from './listener-status.ts'
import { conditionOf, type Problem, sentences } from './problem.ts'
import type { TranslatedRoute } from './route.ts'
import { nameOf } from './source.ts'

export function gatewayStatus(
  gateway: OwnGateway,
  read: Read,
  from: {
    readonly listeners: Collection<ListenerState>
    readonly attachedRoutes: Index<TranslatedRoute>
    readonly certificateTroubles: Collection<CertificateTrouble>
  },
): Status {
  const listeners = gateway.listeners.flatMap((claim) => {
    const key = keyOfListener(claim)
    const state = read.get(from.listeners, key)
    if (state === undefined) return []
    const ofCertificates = certificateConditions(state.certificates, read, from)
    return [{ state, status: listenerStatus(state, read.count(from.attachedRoutes, key), ofCertificates) }]
  })
  const states = listeners.map(({ state }) => state)
  return {
    source: gateway.source,
    conditions: conditionsOf(gateway, states),
    parents: [],
    listeners: listeners.map(({ status }) => status),
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
    conditionOf(
      'Programmed',
      states.some(({ serving }) => serving) ? [] : [idle],
      `${name} is handed to the proxies of ${gateway.fleet}.`,
    ),
    conditionOf('ResolvedRefs', unresolved.length > 0 ? [notResolved] : [], `All references of ${name} are resolved.`),
  ]
}
