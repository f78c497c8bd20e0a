// The addresses behind a Service, each a workload of its own: a pod that changes is one small message.
import type { Endpoint, Endpoints } from '@penstock/ir'
import { WorkloadStatus } from './gen/agentgateway/workload.ts'
import { ipBytes } from './ip-address.ts'
import { encodeAddress, type Resource } from './resource.ts'
import { serviceName, serviceOf, workloadUid } from './resource-name.ts'

/** A Service's port that routes use, and the name that its endpoints know it by. */
export interface UsedPort {
  readonly port: number
  readonly name: string
}

/** One address of a Service. */
export interface Member {
  readonly namespace: string
  readonly service: string
  readonly address: string
  readonly isHealthy: boolean
  readonly zone: string
  readonly node: string
  /** From ports of the Service to ports of the address; sorted. */
  readonly ports: readonly (readonly [number, number])[]
  /** The keys of the slices that have it. */
  readonly slices: readonly string[]
}

interface Slice {
  readonly key: string
  readonly value: Endpoints
}

/** By address. Those without any of the ports are left out. */
export function membersOf(slices: readonly Slice[], used: readonly UsedPort[]): Member[] {
  const usable = choose(slices.flatMap(({ value }) => value.endpoints))
  const members = new Map<string, Member>()
  for (const { key, value } of slices) {
    const { namespace, service, addressType, ports, endpoints } = value
    // Services make no FQDN slices of themselves.
    if (addressType === 'FQDN') continue
    const targets = used.flatMap(({ port, name }) =>
      ports.filter((target) => target.name === name).map((target) => [port, target.port] as const),
    )
    if (targets.length === 0) continue
    for (const endpoint of endpoints) {
      const { zone, node } = endpoint
      for (const address of endpoint.addresses) {
        const known = members.get(address)
        members.set(address, {
          ...{ namespace, service, address, zone, node },
          isHealthy: usable(endpoint) || known?.isHealthy === true,
          ports: joinPorts(known?.ports ?? [], targets),
          slices: [...new Set([...(known?.slices ?? []), key])],
        })
      }
    }
  }
  return [...members.keys()].sort().map((address) => members.get(address) as Member)
}

export function emitWorkload({ namespace, service, address, isHealthy, zone, node, ports }: Member): Resource {
  const to = serviceName(serviceOf({ namespace, name: service }))
  return encodeAddress({
    $case: 'workload',
    value: {
      uid: workloadUid({ namespace, service, address }),
      // Of what the pod is called nobody knows; and no proxy may take it for itself.
      name: `${service}/${address}`,
      namespace,
      addresses: [ipBytes(address)],
      node,
      status: isHealthy ? WorkloadStatus.WORKLOAD_STATUS_HEALTHY : WorkloadStatus.WORKLOAD_STATUS_UNHEALTHY,
      services: { [to]: { ports: ports.map(([servicePort, targetPort]) => ({ servicePort, targetPort })) } },
      ...(zone === '' ? {} : { locality: { zone } }),
    },
  })
}

/** Ready ones; where there is none, those that still serve while they end (EndpointConditions.serving). */
function choose(endpoints: readonly Endpoint[]): (endpoint: Endpoint) => boolean {
  if (endpoints.some((endpoint) => endpoint.ready)) return (endpoint) => endpoint.ready
  return (endpoint) => endpoint.serving && endpoint.terminating
}

/** An address can stand in several slices of a Service for a while. A port leads to one place: the first that was named. */
function joinPorts(known: Member['ports'], more: Member['ports']): Member['ports'] {
  const ports = new Map([...more, ...known])
  return [...ports].sort(([a], [b]) => a - b)
}
