// A response as the proxy takes it: everything good in it is applied, whatever else is wrong; updates before removals.

import type { AddressStore } from './address-store.ts'
import { Address } from './address-tables.ts'
import type { BindStore } from './bind-store.ts'
import { Resource } from './tables.ts'
import type { Reject, Warn } from './verdict.ts'
import type { Note } from './wire.ts'

export const addressType = 'type.googleapis.com/istio.workload.Address'
export const resourceType = 'type.googleapis.com/agentgateway.dev.resource.Resource'

/** In the order in which the proxy asks for them. */
export const types = [addressType, resourceType] as const

export interface Delivered {
  readonly typeUrl: string
  readonly resources: readonly { readonly name: string; readonly version: string; readonly body: Uint8Array }[]
  readonly removed: readonly string[]
}

export interface Stores {
  readonly binds: BindStore
  readonly addresses: AddressStore
  /** Version by name, of each type: what a reconnect tells. */
  readonly known: ReadonlyMap<string, Map<string, string>>
}

/** What was refused or warned of; `note` is told of what the tables do not have. */
export function deliver(response: Delivered, { binds, addresses, known }: Stores, note: Note): Reject[] {
  const versions = known.get(response.typeUrl)
  if (versions === undefined) {
    note(`${response.typeUrl}: not asked for`)
    return []
  }
  const rejects: Reject[] = []
  for (const { name, version, body } of response.resources) {
    const warn: Warn = (warning) => rejects.push({ key: name, warn: warning })
    const noted: Note = (complaint) => note(`${name}: ${complaint}`)
    try {
      if (response.typeUrl === resourceType) binds.take(name, Resource.decode(body, noted), warn)
      else takeAddress(name, Address.decode(body, noted), addresses, noted)
      versions.set(name, version)
    } catch (error) {
      rejects.push({ key: name, error: error instanceof Error ? error.message : String(error) })
    }
  }
  for (const name of response.removed) {
    versions.delete(name)
    if (response.typeUrl === resourceType) binds.remove(name)
    else if (!addresses.remove(name))
      note(`${name}: removed, and neither the uid of a workload nor the name of a service`)
  }
  return rejects
}

/** The proxy finds an address again by what is in it, so its name has to say the same. */
function takeAddress(name: string, address: Address, addresses: AddressStore, note: Note): void {
  addresses.take(address)
  const { type } = address
  const right = type?.is === 'workload' ? type.value.uid : `${type?.value.namespace}/${type?.value.hostname}`
  if (name !== right) note(`it could not be removed by that name, only by ${right}`)
}
