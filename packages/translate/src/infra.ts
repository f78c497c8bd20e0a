// What must run for a Gateway (INFRA, design section 4): made by whoever runs proxies, in the Gateway's namespace.
import type { Collection, Index, Read } from '@penstock/incremental'
import { type Infra, Transport } from '@penstock/ir'
import { type OwnGateway, sorted } from './gateway.ts'
import { keyOfGateway } from './listener.ts'
import type { OwnListenerSet } from './listener-set.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { statesOf } from './listener-status.ts'

/** By fleet: proxies listen where an accepted listener does, whether or not it can serve yet. */
export function translateInfra(
  gateway: OwnGateway,
  read: Read,
  from: { readonly listeners: Collection<ListenerState>; readonly listenerSetsByGateway: Index<OwnListenerSet> },
): Infra {
  const { source, fleet, plane, labels, annotations, parameters } = gateway
  const ofSets = read.lookup(from.listenerSetsByGateway, keyOfGateway(source))
  const claims = [...gateway.listeners, ...ofSets.flatMap(({ value }) => value.listeners)]
  const accepted = statesOf(claims, read, from).filter((state) => notAccepted(state).length === 0)
  const ports = accepted.map(({ claim }) => claim.port)
  return {
    source,
    fleet,
    plane,
    ports: [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ port, transport: Transport.TCP })),
    addresses: [],
    labels: sorted(labels),
    annotations: sorted(annotations),
    parameters: { image: parameters.image ?? '' },
  }
}
