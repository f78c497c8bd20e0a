// Services and workloads as the proxy keeps them.
import type { GatewayAddress, Service as ServiceMessage, Workload as WorkloadMessage } from './address-tables.ts'
import { enumerated, refuse, required } from './verdict.ts'

export interface Service {
  /** `<namespace>/<hostname>`. */
  readonly id: string
  /** Target port by service port; 0: each workload says so itself. */
  readonly ports: ReadonlyMap<number, number>
  /** By service port, where it is said. */
  readonly versions: ReadonlyMap<number, 1 | 2>
  readonly loadBalancing: LoadBalancing | undefined
}

export interface LoadBalancing {
  readonly preference: readonly Scope[]
  readonly mode: 'standard' | 'strict' | 'failover' | 'passthrough'
  readonly takesUnhealthy: boolean
}

export type Scope = 'region' | 'zone' | 'subzone' | 'node' | 'cluster' | 'network'

export interface Workload {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  readonly addresses: readonly string[]
  /** In place of addresses. */
  readonly hostname: string
  readonly healthy: boolean
  readonly capacity: number
  /** Target port by service port, by service. */
  readonly services: ReadonlyMap<string, ReadonlyMap<number, number>>
  readonly place: Readonly<Record<Scope, string>>
}

const scopes = [undefined, 'region', 'zone', 'subzone', 'node', 'cluster', 'network'] as const
const modes = ['standard', 'strict', 'failover', 'passthrough'] as const

export function acceptService(message: ServiceMessage): Service {
  for (const { address } of message.addresses) addressText(address)
  acceptGatewayAddress(message.waypoint)
  for (const { destination } of message.weightedWaypoints) acceptGatewayAddress(required(destination))
  enumerated(message.ipFamilies, 3)
  const versions = message.ports.flatMap(({ servicePort, appProtocol }): [number, 1 | 2][] => {
    const protocol = enumerated(appProtocol, 5)
    return protocol === 1 ? [[servicePort, 1]] : protocol === 2 || protocol === 3 ? [[servicePort, 2]] : []
  })
  const { loadBalancing: told } = message
  return {
    id: `${message.namespace}/${message.hostname}`,
    ports: portMap(message.ports),
    versions: new Map(versions),
    loadBalancing: told && {
      preference: told.routingPreference.map((scope) => scopes[enumerated(scope, 6)] ?? refuse('invalid target')),
      mode: modes[enumerated(told.mode, 3)] ?? 'standard',
      takesUnhealthy: enumerated(told.healthPolicy, 1) === 1,
    },
  }
}

export function acceptWorkload(message: WorkloadMessage): Workload {
  acceptGatewayAddress(message.waypoint)
  acceptGatewayAddress(message.networkGateway)
  enumerated(message.tunnelProtocol, 2)
  enumerated(message.networkMode, 1)
  const { region = '', zone = '', subzone = '' } = message.locality ?? {}
  const { node, network, clusterId } = message
  return {
    uid: message.uid,
    name: message.name,
    namespace: message.namespace,
    addresses: message.addresses.map(addressText),
    hostname: message.hostname,
    healthy: enumerated(message.status, 1) === 0,
    capacity: message.capacity?.value ?? 1,
    services: new Map([...message.services].map(([name, { ports }]) => [namespacedHostname(name), portMap(ports)])),
    place: { region, zone, subzone, node, network, cluster: clusterId || 'Kubernetes' },
  }
}

const portMap = (ports: ServiceMessage['ports']): ReadonlyMap<number, number> =>
  new Map(ports.map(({ servicePort, targetPort }) => [servicePort, targetPort]))

function namespacedHostname(name: string): string {
  return name.includes('/') ? name : refuse(`failed to parse namespaced hostname: ${name}`)
}

function acceptGatewayAddress(address: GatewayAddress | undefined): void {
  if (address === undefined) return
  if (address.destination === undefined) refuse('nonempty gateway address is missing address')
  if (address.destination?.is === 'address') addressText(address.destination.value.address)
}

/** Of 4 or 16 bytes. */
function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return refuse(`failed to parse address, had ${bytes.length} bytes`)
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0))
  return words.map((word) => word.toString(16)).join(':')
}
