// Resources of agentgateway written by hand, and a client that has them: what the tests of this folder share.

import { createAddressStore } from './address-store.ts'
import { Address } from './address-tables.ts'
import { createBindStore } from './bind-store.ts'
import { addressType, type Delivered, deliver, resourceType, type Stores, types } from './delivery.ts'
import { Resource } from './tables.ts'
import type { Reject } from './verdict.ts'
import type { DraftOf } from './wire.ts'

type ResourceKind = NonNullable<DraftOf<typeof Resource>['kind']>
type AddressKind = NonNullable<DraftOf<typeof Address>['type']>
type Of<K extends { is: string; value: unknown }, I extends K['is']> = Extract<K, { is: I }>['value']

/** One resource as a server sends it. */
export interface Literal {
  readonly typeUrl: string
  readonly name: string
  readonly body: Uint8Array
}

export const resource = (name: string, kind: ResourceKind): Literal => ({
  ...{ typeUrl: resourceType, name, body: Resource.encode({ kind }) },
})
const address = (name: string, type: AddressKind): Literal => ({
  ...{ typeUrl: addressType, name, body: Address.encode({ type }) },
})

export const bind = (port: number, draft: Of<ResourceKind, 'bind'> = {}): Literal =>
  resource(`bind/${port}`, { is: 'bind', value: { key: `${port}`, port, ...draft } })

const gateway = { gatewayName: 'web', gatewayNamespace: 'default' }

/** Plain HTTP for every host, unless told otherwise. */
export const listener = (key: string, bindKey: number, draft: Of<ResourceKind, 'listener'> = {}): Literal =>
  resource(`listener/${key}`, {
    is: 'listener',
    value: { key, bindKey: `${bindKey}`, name: { ...gateway, listenerName: key }, protocol: 1, ...draft },
  })

export const prefix = (value: string) => ({ path: { kind: { is: 'pathPrefix', value } } }) as const

/** Of the listener "http", for every path, unless told otherwise. */
export const route = (key: string, draft: Of<ResourceKind, 'route'> = {}): Literal =>
  resource(`route/${key}`, {
    is: 'route',
    value: {
      key,
      listenerKey: 'http',
      name: { kind: 'HTTPRoute', name: key, namespace: 'default' },
      matches: [prefix('/')],
      ...draft,
    },
  })

export const policy = (key: string, draft: Of<ResourceKind, 'policy'>): Literal =>
  resource(`policy/${key}`, { is: 'policy', value: { key, ...draft } })

/** `name` of the namespace "default" at port 80, whose target port each workload tells. */
export const service = (name: string, draft: Of<AddressKind, 'service'> = {}): Literal =>
  address(`default/${name}`, {
    is: 'service',
    value: { name, namespace: 'default', hostname: name, ports: [{ servicePort: 80 }], ...draft },
  })

/** Serves port 80 of the service of its name. */
export const workload = (name: string, port: number, draft: Of<AddressKind, 'workload'> = {}): Literal =>
  address(`k//Pod/default/${name}`, {
    is: 'workload',
    value: {
      uid: `k//Pod/default/${name}`,
      name,
      namespace: 'default',
      addresses: [Uint8Array.of(127, 0, 0, 1)],
      services: { [`default/${name}`]: { ports: [{ servicePort: 80, targetPort: port }] } },
      ...draft,
    },
  })

export const to = (name: string, draft: object = {}) => ({
  ...{ backend: { kind: { is: 'service', value: { namespace: 'default', hostname: name } }, port: 80 } as const },
  ...{ weight: 1, ...draft },
})

/** A client's stores without a client. */
export function createStores(): Stores {
  const known = new Map(types.map((type) => [type, new Map<string, string>()]))
  return { binds: createBindStore(), addresses: createAddressStore(), known }
}

/** Each literal by itself; what the tables do not have fails. */
export function take(stores: Stores, ...literals: readonly Literal[]): Reject[] {
  return literals.flatMap(({ typeUrl, name, body }) => {
    const response: Delivered = { typeUrl, resources: [{ name, version: '1', body }], removed: [] }
    return deliver(response, stores, (note) => {
      throw new Error(note)
    })
  })
}
