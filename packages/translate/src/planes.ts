// What can be done where several planes serve one object.
import type { PlaneName, RequestCapabilities } from '@penstock/ir'
import type { PlaneCapabilities } from './settings.ts'

/** All that there are. */
export const planeNames: readonly PlaneName[] = ['envoy', 'agentgateway']

/**
 * What any of the planes can do: records are made for all of them, and a plane that lacks something answers for it itself
 * (its tables never skip what they have no entry for).
 */
export function capabilitiesOf(planes: Iterable<PlaneName>, all: PlaneCapabilities): RequestCapabilities {
  const [first, ...others] = [...new Set(planes)].map((plane): RequestCapabilities => all[plane])
  if (first === undefined) throw new Error('no plane is named')
  return others.reduce(join, first)
}

const join = (one: RequestCapabilities, other: RequestCapabilities): RequestCapabilities => ({
  listeners: one.listeners.union(other.listeners),
  filters: one.filters.union(other.filters),
  backendFilters: one.backendFilters.union(other.backendFilters),
  backendProtocols: one.backendProtocols.union(other.backendProtocols),
  features: one.features.union(other.features),
})
