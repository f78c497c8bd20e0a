// From a service and its port to an address: the best bucket of localities, in it the better of two drawn at random.
import type { Service, Workload } from './accept-address.ts'
import type { AddressStore } from './address-store.ts'
import { ProxyFault } from './proxy-fault.ts'

export interface Endpoint {
  readonly uid: string
  readonly host: string
  readonly port: number
}

export interface EndpointChoice {
  choose(service: Service, port: number): Endpoint
  /** What came of a request: the proxy prefers who did well. */
  learn(uid: string, wentWell: boolean): void
}

export function createEndpointChoice(
  store: AddressStore,
  own: () => Workload | undefined,
  random: () => number,
): EndpointChoice {
  const health = new Map<string, number>()
  return {
    choose(service, port) {
      const target = service.ports.get(port)
      const best = target === undefined ? [] : bestBucket(service, usable(service, store, port, target), own())
      const drawn = [draw(best, random), draw(best, random)].filter((one) => one !== undefined)
      const [first] = drawn.toSorted((a, b) => (health.get(b.uid) ?? 1) - (health.get(a.uid) ?? 1))
      if (first === undefined) throw new ProxyFault(503, 'no healthy backends')
      const host = first.addresses[0] ?? first.hostname
      if (host === '') throw new ProxyFault(503, 'no healthy backends')
      return { uid: first.uid, host, port: first.services.get(service.id)?.get(port) || target || 0 }
    },
    learn(uid, wentWell) {
      health.set(uid, 0.7 * (health.get(uid) ?? 1) + (wentWell ? 0.3 : 0))
    },
  }
}

function usable({ id, loadBalancing }: Service, store: AddressStore, port: number, target: number): Workload[] {
  return store
    .workloadsOf(id)
    .filter(({ healthy }) => healthy || loadBalancing?.takesUnhealthy)
    .filter(({ services, capacity }) => capacity > 0 && (target > 0 || services.get(id)?.has(port)))
}

/** Ranked by how many of the preferences, from the first on, the workload shares with the proxy itself. */
function bestBucket({ loadBalancing }: Service, workloads: readonly Workload[], own?: Workload): readonly Workload[] {
  const isRanked = loadBalancing?.mode === 'strict' || loadBalancing?.mode === 'failover'
  if (!isRanked || own === undefined) return workloads
  const { preference, mode } = loadBalancing
  const rank = ({ place }: Workload): number => {
    const differing = preference.findIndex((scope) => place[scope] !== own.place[scope])
    return differing < 0 ? preference.length : differing
  }
  const best = Math.max(...workloads.map(rank))
  if (mode === 'strict' && best < preference.length) return []
  return workloads.filter((workload) => rank(workload) === best)
}

/** In proportion to capacity. */
function draw(workloads: readonly Workload[], random: () => number): Workload | undefined {
  let left = random() * workloads.reduce((sum, { capacity }) => sum + capacity, 0)
  return workloads.find(({ capacity }) => (left -= capacity) < 0)
}
