// Which objects a fleet carries, and which of them its proxies may still say something about: a route that every proxy
// has is looked at again only for a reason, so an acknowledgement costs what waits for it.

export interface CarriedObjects {
  /** `settled`: acknowledgements cannot change what is said of it. */
  set(key: string, fleets: readonly string[], settled: boolean): void
  delete(key: string): void
  all(fleet: string): Iterable<string>
  unsettled(fleet: string): Iterable<string>
}

export function createCarriedObjects(): CarriedObjects {
  const fleetsOf = new Map<string, readonly string[]>()
  const carried = new Map<string, Set<string>>()
  const unsettled = new Map<string, Set<string>>()
  const remove = (key: string): void => {
    for (const fleet of fleetsOf.get(key) ?? []) for (const sets of [carried, unsettled]) dropFrom(sets, fleet, key)
    fleetsOf.delete(key)
  }
  return {
    set(key, fleets, settled) {
      remove(key)
      fleetsOf.set(key, fleets)
      for (const fleet of fleets) {
        addTo(carried, fleet, key)
        if (!settled) addTo(unsettled, fleet, key)
      }
    },
    delete: remove,
    all: (fleet) => carried.get(fleet) ?? [],
    unsettled: (fleet) => unsettled.get(fleet) ?? [],
  }
}

function addTo(sets: Map<string, Set<string>>, fleet: string, key: string): void {
  const keys = sets.get(fleet) ?? new Set()
  sets.set(fleet, keys.add(key))
}

function dropFrom(sets: Map<string, Set<string>>, fleet: string, key: string): void {
  const keys = sets.get(fleet)
  keys?.delete(key)
  if (keys?.size === 0) sets.delete(fleet)
}
