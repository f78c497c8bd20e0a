// A function that throws is a bug, and its key is held: what it would have made is then neither published nor swept, so the
// last good record lives on in the stream (also when this process never made one).
import { type Gateway, type ListenerSet, parseObjectKey } from '@penstock/gateway-api'
import type { Collection, Graph } from '@penstock/incremental'
import {
  certificateKey,
  endpointsKey,
  fleetKey,
  gatewayKey,
  httpRuleKey,
  type IrKind,
  irKinds,
  kindOf,
  trustBundleKey,
} from '@penstock/ir'
import { nameOfRule } from './http-rule.ts'
import { keyOfListener, keyOfOwner, type ListenerOwner } from './listener.ts'
import { parentOf } from './listener-set.ts'
import type { Route } from './route.ts'

/** It has more keys than it lists: also those that are in doubt, which nobody can name. */
export interface HeldKeys extends Iterable<string> {
  readonly size: number
  has(key: string): boolean
}

/** Keys of the records, of the statuses, and of the fleets that something must run for. */
export interface HeldOutputs {
  readonly ir: HeldKeys
  readonly status: HeldKeys
  readonly infra: HeldKeys
}

interface Translated {
  readonly graph: Graph
  readonly inputs: Inputs
  /** By kind of record. */
  readonly records: Readonly<Record<IrKind, Collection<unknown>>>
  readonly status: Collection<unknown>
  readonly infra: Collection<unknown>
  /** Fleets of which it is not known what they ask for. */
  readonly unsureFleets: Collection<true>
}

interface Inputs {
  readonly gateways: Collection<Gateway>
  readonly listenerSets: Collection<ListenerSet>
  readonly routes: Collection<Route>
}

/** A held key is that of an object, or of a record. */
export function heldOutputs({ graph, inputs, records, status, infra, unsureFleets }: Translated): HeldOutputs {
  const ir = new Set<string>()
  const owners = new Set<string>()
  const unsure = [...graph.values(unsureFleets).keys()]
  // Whom its proxies are served by, and what they log, stays as it is too.
  for (const name of unsure) ir.add(fleetKey({ name }))
  for (const collection of graph.collections) {
    for (const key of graph.held(collection).keys()) {
      if (irKinds.includes(kindOf(key))) ir.add(key)
      else for (const record of recordsOf(key, graph, inputs)) ir.add(record)
      owners.add(ownerOf(key))
    }
  }
  return {
    ir: orInDoubt(ir, (key) => graph.inDoubt(records[kindOf(key)], key)),
    status: orInDoubt(owners, (key) => graph.inDoubt(status, key)),
    infra: orInDoubt(new Set(unsure), (fleet) => graph.inDoubt(infra, fleet)),
  }
}

const orInDoubt = (keys: ReadonlySet<string>, isInDoubt: (key: string) => boolean): HeldKeys => ({
  size: keys.size,
  has: (key) => keys.has(key) || isInDoubt(key),
  [Symbol.iterator]: () => keys.values(),
})

/** The object whose status tells of it; an object has itself. */
function ownerOf(key: string): string {
  const [record, , , kind, namespace = '', name = ''] = key.split('/')
  return record === 'listener' ? keyOfOwner({ kind: kind as ListenerOwner['kind'], namespace, name }) : key
}

function recordsOf(key: string, graph: Graph, inputs: Inputs): readonly string[] {
  // What is filed by port concerns many objects and no record by name.
  if (key.split('/').length !== 4) return []
  const object = parseObjectKey(key)
  switch (object.kind) {
    case 'Gateway': {
      const sections = graph.values(inputs.gateways).get(key)?.spec?.listeners ?? []
      const owner = { ...object, kind: object.kind } as const
      return [
        gatewayKey(object),
        ...sections.map(({ name }) => keyOfListener({ gateway: object, owner, section: name })),
      ]
    }
    case 'ListenerSet': {
      const listenerSet = graph.values(inputs.listenerSets).get(key)
      const gateway = listenerSet && parentOf(listenerSet)
      if (gateway === undefined) return []
      const owner = { ...object, kind: object.kind } as const
      const sections = listenerSet?.spec.listeners ?? []
      return sections.map(({ name }) => keyOfListener({ gateway, owner, section: name }))
    }
    case 'HTTPRoute':
    case 'GRPCRoute': {
      const rules = graph.values(inputs.routes).get(key)?.spec?.rules ?? []
      return rules.map((rule, position) => httpRuleKey(object, nameOfRule(rule, position)))
    }
    case 'EndpointSlice':
      return [endpointsKey(object)]
    case 'Secret':
      return [certificateKey(object), trustBundleKey(object)]
    case 'ConfigMap':
    case 'ClusterTrustBundle':
      return [trustBundleKey(object)]
    default:
      return []
  }
}
