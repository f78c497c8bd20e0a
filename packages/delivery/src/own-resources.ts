// Resources that are made of what a proxy says of itself: there while it is connected, for all proxies of its fleet.
import type { ProxyNode, ResourceChange } from '@penstock/xds'

export interface OwnResources {
  /** What changes for the fleet. */
  note(fleet: string, node: ProxyNode, connected: boolean): ResourceChange[]
  of(fleet: string): ResourceChange[]
}

/** `make`: always the same of the same node; no resource of the plane has their names. */
export function createOwnResources(make: (node: ProxyNode) => readonly ResourceChange[]): OwnResources {
  const fleets = new Map<string, Map<string, { readonly resources: readonly ResourceChange[]; proxies: number }>>()
  return {
    note(fleet, node, connected) {
      const known =
        fleets.get(fleet) ?? new Map<string, { readonly resources: readonly ResourceChange[]; proxies: number }>()
      const own = known.get(node.id) ?? { resources: make(node), proxies: 0 }
      own.proxies += connected ? 1 : -1
      if (own.proxies > 0) {
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
