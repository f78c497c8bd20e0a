// Whose each resource of each fleet is, so that a proxy's refusal finds whom to tell.
import { type FleetChange, type Source, sourceKey } from '@penstock/ir'
import type { Rejection } from '@penstock/xds'

export interface ResourceSources {
  note(changes: readonly FleetChange[]): void
  /** Each object once, in order of key. */
  of(fleet: string, rejection: Rejection): Source[]
  forget(fleet: string): void
}

export function createResourceSources(): ResourceSources {
  const fleets = new Map<string, Map<string, readonly Source[]>>()
  return {
    note(changes) {
      for (const { fleet, typeUrl, name, resource, sources, owners = sources } of changes) {
        const known = fleets.get(fleet) ?? new Map<string, readonly Source[]>()
        fleets.set(fleet, known)
        if (resource) known.set(`${typeUrl} ${name}`, owners)
        else known.delete(`${typeUrl} ${name}`)
      }
    },
    of(fleet, { typeUrl, resources }) {
      const found = resources.flatMap((name) => fleets.get(fleet)?.get(`${typeUrl} ${name}`) ?? [])
      const distinct = new Map(found.map((source) => [sourceKey(source), source]))
      return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, source]) => source)
    },
    forget: (fleet) => void fleets.delete(fleet),
  }
}
