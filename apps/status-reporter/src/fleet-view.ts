// What all servers together say of each fleet (FEEDBACK, design section 3): of each proxy its latest stream counts.
import type { Feedback, Infrastructure, ProxyState } from '@penstock/ir'

export interface FleetView {
  /** Connected proxies, each once, in order of name. */
  readonly proxies: readonly ProxyState[]
  /** Since when servers report this fleet without any proxy, ms; undefined: it has one, or nobody reports. */
  readonly emptySinceMs: number | undefined
  /** Undefined: nobody says that they run its proxies. */
  readonly infrastructure: Infrastructure | undefined
}

export interface FleetViews {
  /** Undefined: no server reports this fleet. */
  get(fleet: string): FleetView | undefined
  all(): Iterable<readonly [string, FleetView]>
  /** Takes changed FEEDBACK records; returns the fleets that look different now. */
  apply(changes: readonly { readonly key: string; readonly value: Feedback | undefined }[], nowMs: number): Set<string>
}

export function createFleetViews(): FleetViews {
  const records = new Map<string, Map<string, Feedback>>()
  const views = new Map<string, FleetView>()
  return {
    get: (fleet) => views.get(fleet),
    all: () => views,
    apply(changes, nowMs) {
      const changed = new Set<string>()
      for (const { key, value } of changes) {
        const fleet = key.slice(0, key.lastIndexOf('/'))
        const instances = records.get(fleet) ?? new Map<string, Feedback>()
        records.set(fleet, instances)
        // Behind all others: in the order in which they were told.
        instances.delete(key)
        if (value) instances.set(key, value)
        changed.add(fleet)
      }
      for (const fleet of changed) {
        const instances = [...(records.get(fleet)?.values() ?? [])]
        if (instances.length === 0) {
          records.delete(fleet)
          views.delete(fleet)
        } else views.set(fleet, view(instances, views.get(fleet), nowMs))
      }
      return changed
    },
  }
}

function view(instances: readonly Feedback[], before: FleetView | undefined, nowMs: number): FleetView {
  const latest = new Map<string, ProxyState>()
  for (const proxy of instances.flatMap((instance) => instance.proxies)) {
    const known = latest.get(proxy.proxy)
    if (!known || known.connectedSinceMs < proxy.connectedSinceMs) latest.set(proxy.proxy, proxy)
  }
  const proxies = [...latest.values()].sort((a, b) => (a.proxy < b.proxy ? -1 : 1))
  const isReported = instances.some(({ infrastructure }) => infrastructure === undefined)
  const isEmpty = isReported && proxies.length === 0
  return {
    proxies,
    emptySinceMs: isEmpty ? (before?.emptySinceMs ?? nowMs) : undefined,
    // A leader that died says so still, for a while, beside the one after it.
    infrastructure: instances.findLast(({ infrastructure }) => infrastructure !== undefined)?.infrastructure,
  }
}
