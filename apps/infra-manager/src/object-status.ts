// What Kubernetes says of the objects that were made: where a Service is reached, and how a workload does.
import type { AssignedAddress } from '@penstock/ir'
import type { ApiObject } from '@penstock/kube'
import { daemonSet, deployment, service } from './owned-kinds.ts'

/** Where a Service is reached on the ports of its listeners. */
export function addressesOf({ kind, spec = {}, status = {} }: ApiObject & ServiceFields): AssignedAddress[] {
  if (kind !== service.kind) return []
  // Nodes are reached on other ports than the listeners', and to know of nodes is a right that we do without: of
  // NodePort, too, the address inside the cluster is told.
  const given =
    spec.type === 'LoadBalancer'
      ? (status.loadBalancer?.ingress ?? []).flatMap(ingressAddress)
      : (spec.clusterIPs ?? []).filter((ip) => ip !== 'None').map(ipAddress)
  return [...given, ...(spec.externalIPs ?? []).map(ipAddress)]
}

interface Ingress {
  readonly ip?: string
  readonly hostname?: string
}

interface ServiceFields {
  readonly spec?: {
    readonly type?: string
    readonly clusterIPs?: readonly string[]
    readonly externalIPs?: readonly string[]
  }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly Ingress[] } }
}

const ipAddress = (value: string): AssignedAddress => ({ type: 'IPAddress', value })

function ingressAddress({ ip, hostname }: Ingress): AssignedAddress[] {
  if (ip !== undefined) return [ipAddress(ip)]
  return hostname === undefined ? [] : [{ type: 'Hostname', value: hostname }]
}

export interface Replicas {
  readonly wanted: number
  readonly ready: number
  /** As it is wanted now, it could serve alone. */
  readonly complete: boolean
}

export function replicasOf(object: ApiObject & WorkloadFields): Replicas {
  const { kind, metadata, spec = {}, status = {} } = object
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  if (kind === deployment.kind) {
    const wanted = spec.replicas ?? 1
    const { readyReplicas: ready = 0, updatedReplicas: updated = 0 } = status
    return { wanted, ready, complete: isSeen && Math.min(ready, updated) >= wanted }
  }
  if (kind !== daemonSet.kind) return { wanted: 0, ready: 0, complete: false }
  const { desiredNumberScheduled: wanted = 0, numberReady: ready = 0, updatedNumberScheduled: updated = 0 } = status
  // On no node at all it is no stand-in for anything.
  return { wanted, ready, complete: isSeen && ready > 0 && Math.min(ready, updated) >= wanted }
}

interface WorkloadFields {
  readonly spec?: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly readyReplicas?: number
    readonly updatedReplicas?: number
    readonly desiredNumberScheduled?: number
    readonly numberReady?: number
    readonly updatedNumberScheduled?: number
  }
}
