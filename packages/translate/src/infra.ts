// What must run for a Gateway (INFRA, design section 4): made by whoever runs proxies, in the Gateway's namespace.
import type { Collection, Read } from '@penstock/incremental'
import { type Infra, Transport } from '@penstock/ir'
import { type OwnGateway, sorted } from './gateway.ts'
import { keyOfListener } from './listener.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'

/** By fleet: proxies listen where an accepted listener does, whether or not it can serve yet. */
export function translateInfra(
  gateway: OwnGateway,
  read: Read,
  from: { readonly listeners: Collection<ListenerState> },
): Infra {
  const { source, fleet, plane, labels, annotations, parameters } = gateway
  const ports = gateway.listeners.flatMap((claim) => {
    const state = read.get(from.listeners, keyOfListener(claim))
    return state && notAccepted(state).length === 0 ? [claim.port] : []
  })
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
