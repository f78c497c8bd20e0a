// The Address type as the proxy stores it: services by `<namespace>/<hostname>`, workloads by uid, in any order.
import { acceptService, acceptWorkload, type Service, type Workload } from './accept-address.ts'
import type { Address } from './address-tables.ts'
import { refuse } from './verdict.ts'

export interface AddressStore {
  /** Throws `Refused`: nothing was applied. */
  take(address: Address): void
  /** By uid, or by `<namespace>/<hostname>`: the name that it came under does not count. False: it was neither. */
  remove(name: string): boolean
  readonly services: ReadonlyMap<string, Service>
  readonly workloads: ReadonlyMap<string, Workload>
  /** In no order. */
  workloadsOf(service: string): readonly Workload[]
}

export function createAddressStore(): AddressStore {
  const services = new Map<string, Service>()
  const workloads = new Map<string, Workload>()
  const members = new Map<string, Map<string, Workload>>()
  const forget = (uid: string): boolean => {
    for (const service of workloads.get(uid)?.services.keys() ?? []) members.get(service)?.delete(uid)
    return workloads.delete(uid)
  }
  return {
    take({ type }) {
      if (type?.is === 'service') {
        const service = acceptService(type.value)
        services.set(service.id, service)
      } else if (type?.is === 'workload') {
        const workload = acceptWorkload(type.value)
        forget(workload.uid)
        workloads.set(workload.uid, workload)
        for (const service of workload.services.keys())
          members.set(service, (members.get(service) ?? new Map<string, Workload>()).set(workload.uid, workload))
      } else refuse('unknown address type')
    },
    remove: (name) => forget(name) || services.delete(name),
    services,
    workloads,
    workloadsOf: (service) => [...(members.get(service)?.values() ?? [])],
  }
}
