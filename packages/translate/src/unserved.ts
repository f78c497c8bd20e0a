// Objects that no status tells of and that nobody else may answer for either: a mistyped parent or class. What belongs to
// another controller's class is that controller's to speak of.
import { type Gateway, type GatewayClass, type ListenerSet, objectKey } from '@penstock/gateway-api'
import type { Collection, Graph } from '@penstock/incremental'
import { keyOfGateway, keyOfOwner } from './listener.ts'
import { parentOf } from './listener-set.ts'
import type { Route } from './route.ts'

interface Inputs {
  readonly gatewayClasses: Collection<GatewayClass>
  readonly gateways: Collection<Gateway>
  readonly listenerSets: Collection<ListenerSet>
  readonly routes: Collection<Route>
}

/** Why the object of this key has no status, if its owner should know. */
export function whyUnserved(key: string, graph: Graph, inputs: Inputs): string | undefined {
  const gateways = graph.values(inputs.gateways)
  const listenerSets = graph.values(inputs.listenerSets)
  // What is read from the bus may lack what its schema asks for.
  const missingClass = (gateway: Gateway): string | undefined => {
    const name = gateway.spec?.gatewayClassName ?? ''
    return graph.values(inputs.gatewayClasses).has(classKey(name)) ? undefined : name
  }
  const gateway = gateways.get(key)
  if (gateway) {
    const name = missingClass(gateway)
    return name === undefined ? undefined : `its class "${name}" does not exist`
  }
  /** Whether somebody answers for it, or for what attaches to it. */
  const isAnswered = (kind: string, namespace: string, name: string): boolean => {
    if (kind === 'Gateway') {
      const found = gateways.get(keyOfGateway({ namespace, name }))
      return found !== undefined && missingClass(found) === undefined
    }
    const found = kind === 'ListenerSet' ? listenerSets.get(keyOfOwner({ kind, namespace, name })) : undefined
    const parent = found && parentOf(found)
    return parent !== undefined && isAnswered('Gateway', parent.namespace, parent.name)
  }
  const listenerSet = listenerSets.get(key)
  if (listenerSet) {
    const parent = parentOf(listenerSet)
    if (parent && isAnswered('Gateway', parent.namespace, parent.name)) return undefined
    return `its parent is no Gateway of a class of ours: ${parent ? `${parent.namespace}/${parent.name}` : 'none'}`
  }
  const route = graph.values(inputs.routes).get(key)
  if (!route) return undefined
  const parents = new Set<string>()
  for (const { kind, namespace = route.metadata.namespace ?? '', name } of route.spec?.parentRefs ?? []) {
    if (isAnswered(kind, namespace, name)) return undefined
    parents.add(`${kind === 'Gateway' ? '' : `${kind} `}${namespace}/${name}`)
  }
  if (parents.size === 0) return 'it names no parent'
  return `no parent of it is a Gateway of a class of ours: ${[...parents].join(', ')}`
}

const classKey = (name: string): string =>
  objectKey({ group: 'gateway.networking.k8s.io', kind: 'GatewayClass', namespace: '', name })
