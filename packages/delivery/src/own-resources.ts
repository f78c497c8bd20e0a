// Resources that are made of what a proxy says of itself: there while it is connected, for all proxies of its fleet.
import type { ProxyNode, ResourceChange } from '@penstock/xds'

export interface OwnResources {
  /** What changes for the fleet. */
  note(fleet: string, node: ProxyNode, connected: boolean): ResourceChange[]
  of(fleet: string): ResourceChange[]
}

interface Own {
  resources: readonly ResourceChange[]
  /** Streams of the proxy: one that is gone may not be known to be. */
  streams: number
}

/** `make`: resources of the same names for the same id; no resource of the plane has them. */
export function createOwnResources(make: (node: ProxyNode) => readonly ResourceChange[]): OwnResources {
  const fleets = new Map<string, Map<string, Own>>()
  return {
    note(fleet, node, connected) {
      const known = fleets.get(fleet) ?? new Map<string, Own>()
      const own = known.get(node.id) ?? { resources: [], streams: 0 }
      own.streams += connected ? 1 : -1
      // What it says last counts.
      if (connected) own.resources = make(node)
      if (own.streams > 0) {
        known.set(node.id, own)
        fleets.set(fleet, known)
        return [...own.resources]
      }
      known.delete(node.id)
      if (known.size === 0) fleets.delete(fleet)
      return own.resources.map(({ typeUrl, name }) => ({ typeUrl, name }))
    },
    of: (fleet) => [...(fleets.get(fleet)?.values() ?? [])].flatMap(({ resources }) => resources),
  }
}
