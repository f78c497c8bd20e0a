// A function that throws is a bug, and its key is held: what it would have made is then neither published nor swept, so the
// last good record lives on in the stream (also when this process never made one).
import { type Gateway, type HttpRoute, parseObjectKey } from '@penstock/gateway-api'
import type { Collection, Graph } from '@penstock/incremental'
import { certificateKey, endpointsKey, gatewayKey, httpRuleKey, irKinds, kindOf } from '@penstock/ir'
import { nameOfRule } from './http-rule.ts'
import { keyOfGateway, keyOfListener } from './listener.ts'

/** Keys of the records and of the statuses. */
export interface HeldOutputs {
  readonly ir: ReadonlySet<string>
  readonly status: ReadonlySet<string>
}

interface Inputs {
  readonly gateways: Collection<Gateway>
  readonly httpRoutes: Collection<HttpRoute>
}

/** A held key is that of an object, or of a record. */
export function heldOutputs(graph: Graph, inputs: Inputs): HeldOutputs {
  const ir = new Set<string>()
  const status = new Set<string>()
  for (const collection of graph.collections) {
    for (const key of graph.held(collection).keys()) {
      if (irKinds.includes(kindOf(key))) ir.add(key)
      else for (const record of recordsOf(key, graph, inputs)) ir.add(record)
      status.add(ownerOf(key))
    }
  }
  return { ir, status }
}

/** The object whose status tells of it; an object has itself. */
function ownerOf(key: string): string {
  const [kind, namespace = '', name = ''] = key.split('/')
  return kind === 'listener' ? keyOfGateway({ namespace, name }) : key
}

function recordsOf(key: string, graph: Graph, inputs: Inputs): readonly string[] {
  // What is filed by port concerns many objects and no record by name.
  if (key.split('/').length !== 4) return []
  const object = parseObjectKey(key)
  switch (object.kind) {
    case 'Gateway': {
      const sections = graph.values(inputs.gateways).get(key)?.spec?.listeners ?? []
      return [gatewayKey(object), ...sections.map(({ name }) => keyOfListener({ gateway: object, section: name }))]
    }
    case 'HTTPRoute': {
      const rules = graph.values(inputs.httpRoutes).get(key)?.spec?.rules ?? []
      return rules.map((rule, position) => httpRuleKey(object, nameOfRule(rule, position)))
    }
    case 'EndpointSlice':
      return [endpointsKey(object)]
    case 'Secret':
      return [certificateKey(object)]
    default:
      return []
  }
}
