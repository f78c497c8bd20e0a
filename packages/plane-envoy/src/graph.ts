// The plane from records to resources: declarations only, from the inputs up. Keys of resources are
// `<fleet>/<resource name>`, and only fleets with a proxy are computed.
import { type Collection, createGraph, type Graph, type GraphOptions, type Input } from '@penstock/incremental'
import { type Attachment, backendsNamedBy, type HttpRule, type IrKind, type IrRecord } from '@penstock/ir'
import { emitCluster } from './clusters.ts'
import { emitLoadAssignment } from './endpoints.ts'
import type { EnvoyType } from './envoy-types.ts'
import { fleetOf, inFleet, nameOf } from './fleet-key.ts'
import { declareHosts } from './host-graph.ts'
import { emitListener, secretNames } from './listeners.ts'
import { portKey } from './place.ts'
import type { Resource } from './resource.ts'
import { emitSecret, type OpenKey } from './secrets.ts'

export type RecordOf<K extends IrKind> = Extract<IrRecord, { kind: K }>['value']

/** Records that no resource is made of. */
type Unread = 'fleet' | 'gateway'
export type ReadKind = Exclude<IrKind, Unread>
export type RecordInputs = { readonly [K in ReadKind]: Input<RecordOf<K>> }

/** One rule at one listener. */
export interface Attached {
  readonly ruleKey: string
  readonly rule: HttpRule
  readonly attachment: Attachment
}

export interface Foundation {
  readonly graph: Graph
  readonly records: RecordInputs
  /** By name: the fleets with a proxy. */
  readonly connected: Input<true>
  /** By listener and rule. */
  readonly attached: Collection<Attached>
  /** By `<fleet>/<port>`: the ports of connected fleets. */
  readonly ports: Collection<true>
}

export interface PlaneGraph extends Foundation {
  readonly outputs: { readonly [T in EnvoyType]: Collection<Resource> }
}

export interface PlaneGraphOptions {
  readonly openKey: OpenKey
  /** What listeners bind to. */
  readonly address: string
  readonly trial?: GraphOptions
}

export function createPlaneGraph({ openKey, address, trial }: PlaneGraphOptions): PlaneGraph {
  // A server that starts has nothing to leave alone: what throws is missing, and its neighbours go on.
  const graph = createGraph({ ...trial, doubt: false })
  const connected = graph.input<true>('connected')
  const records: RecordInputs = {
    listener: graph.input('listener'),
    http_rule: graph.input('http_rule'),
    backend: graph.input('backend'),
    endpoints: graph.input('endpoints'),
    certificate: graph.input('certificate'),
  }
  const attached = graph.spread('attached', records.http_rule, (rule, ruleKey) =>
    rule.attachments.map((attachment) => [`${attachment.listener}|${ruleKey}`, { ruleKey, rule, attachment }] as const),
  )
  const listenersOn = graph.index('listenersOn', records.listener, ({ fleet, port }) => [portKey(fleet, port)])
  const ports = graph.derive('ports', listenersOn.keys, (_, port, read) => read.get(connected, fleetOf(port)))
  const foundation: Foundation = { graph, records, connected, attached, ports }
  const { clusters, assignments } = declareBackends(foundation)
  const secrets = declareSecrets(foundation, openKey)
  const listeners = graph.derive('listeners', ports, (_, key, read) => {
    const here = read.lookup(listenersOn, key).map(({ value }) => value)
    const hasSecret = (name: string): boolean => read.get(secrets, inFleet(fleetOf(key), name)) !== undefined
    return emitListener(nameOf(key), { number: Number(nameOf(key)), address, listeners: here, hasSecret })
  })
  const { tables, scopes } = declareHosts(foundation)
  const outputs = {
    cluster: clusters,
    endpoints: assignments,
    secret: secrets,
    listener: listeners,
    table: tables,
    scope: scopes,
  }
  return { ...foundation, outputs }
}

function declareBackends({ graph, records, connected, attached }: Foundation) {
  const usersOf = graph.index('usersOf', attached, ({ attachment: { fleet }, rule }) =>
    backendsNamedBy(rule).map((backend) => inFleet(fleet, backend)),
  )
  const used = graph.derive('usedBackends', usersOf.keys, (_, key, read) =>
    read.get(connected, fleetOf(key)) ? read.get(records.backend, nameOf(key)) : undefined,
  )
  const slicesOf = graph.index('slicesOf', records.endpoints, ({ namespace, service }) => [`${namespace}/${service}`])
  const clusters = graph.derive('clusters', used, (backend, key) => emitCluster(nameOf(key), backend))
  const assignments = graph.derive('assignments', used, ({ discovery }, key, read) => {
    if (discovery === undefined) return undefined
    const { namespace, service, portName } = discovery.value
    const slices = read.lookup(slicesOf, `${namespace}/${service}`).map(({ value }) => value)
    return emitLoadAssignment(nameOf(key), slices, portName)
  })
  return { clusters, assignments }
}

function declareSecrets({ graph, records, connected }: Foundation, openKey: OpenKey): Collection<Resource> {
  const askersOf = graph.index('askersOf', records.listener, ({ fleet, protocol }) =>
    protocol?.$case === 'https' ? secretNames(protocol.value).map((name) => inFleet(fleet, name)) : [],
  )
  return graph.derive('secrets', askersOf.keys, (_, key, read) => {
    if (!read.get(connected, fleetOf(key))) return undefined
    const certificate = read.get(records.certificate, nameOf(key))
    return certificate && emitSecret(nameOf(key), certificate, openKey)
  })
}
