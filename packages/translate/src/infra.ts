// What must run for a Gateway (INFRA, design section 4): made by whoever runs proxies, in the Gateway's namespace.
import type { Collection, Index, Read } from '@penstock/incremental'
import { type Infra, Transport } from '@penstock/ir'
import type { OwnGateway } from './gateway.ts'
import { keyOfGateway } from './listener.ts'
import { type ListenerState, notAccepted } from './listener-state.ts'
import { statesOf } from './listener-status.ts'
import { proxyParameters } from './proxy-parameters.ts'

/** By fleet: proxies listen where an accepted listener does, whether or not it can serve yet. */
export function translateInfra(
  gateway: OwnGateway,
  read: Read,
  from: { readonly listeners: Collection<ListenerState>; readonly portsOfListenerSets: Index<true> },
): Infra {
  const { source, fleet, plane, addresses, labels, annotations } = gateway
  const own = statesOf(gateway.listeners, read, from).filter(isOpen)
  const ofSets = read.lookup(from.portsOfListenerSets, keyOfGateway(source))
  const ports = [...own.map(({ claim }) => claim.port), ...ofSets.map(({ key }) => numberOfPort(key))]
  return {
    source,
    fleet,
    plane,
    ports: [...new Set(ports)].sort((a, b) => a - b).map((port) => ({ port, transport: Transport.TCP })),
    addresses: [...addresses.requested],
    labels,
    annotations,
    parameters: proxyParameters(gateway.parameters),
  }
}

/** One key for all listeners of ListenerSets that open a port of a Gateway: it knows of the port, not of each of them. */
export function portOfListenerSet(state: ListenerState): readonly string[] {
  const { owner, gateway, port } = state.claim
  return owner.kind === 'ListenerSet' && isOpen(state) ? [`${keyOfGateway(gateway)}/${port}`] : []
}

/** The key of the Gateway. */
export const gatewayOfPort = (key: string): string => key.slice(0, key.lastIndexOf('/'))

const numberOfPort = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1))

const isOpen = (state: ListenerState): boolean => notAccepted(state).length === 0
