// The plane from records to resources: declarations only, from the inputs up. Keys of resources are
// `<fleet>/<resource name>`, and only fleets with a proxy are computed.
import { type Collection, createGraph, type Graph, type GraphOptions, type Input } from '@penstock/incremental'
import {
  type Attachment,
  backendsNamedBy,
  certificateKey,
  fleetKey,
  type HttpRule,
  type IrKind,
  type IrRecord,
  kindOf,
} from '@penstock/ir'
import { asClient, bundleKeys, parseClusterName, trustOf } from './backend-tls.ts'
import { emitCluster } from './clusters.ts'
import { emitLoadAssignment } from './endpoints.ts'
import type { EnvoyType } from './envoy-types.ts'
import { fleetOf, inFleet, nameOf } from './fleet-key.ts'
import { declareHosts } from './host-graph.ts'
import { byPrecedence, emitListener, protocolOf, protocolOn, secretNames } from './listeners.ts'
import { placeKey, portKey } from './place.ts'
import type { Resource } from './resource.ts'
import { emitSecret, emitTrust, type OpenKey } from './secrets.ts'
import { declareSharing, defaultSharedFrom, type Sharing } from './sharing.ts'
import { collectorsOf, emitCollector, emitTelemetry, type TelemetryParts } from './telemetry.ts'

export type RecordOf<K extends IrKind> = Extract<IrRecord, { kind: K }>['value']

export type ReadKind = IrKind
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
  /** By the key of a gateway: the name of the secret with the certificate that it shows to backends. */
  readonly clientSecrets: Collection<string>
  /** By `<fleet>/<port>`: the ports of connected fleets. */
  readonly ports: Collection<true>
  /** By place: those that listeners are for. */
  readonly owned: Collection<true>
  /** By place: the listener that it belongs to. */
  readonly owners: Collection<string>
}

export interface PlaneGraph extends Foundation {
  readonly sharing: Sharing
  readonly outputs: { readonly [T in EnvoyType]: Collection<Resource> }
}

export interface PlaneGraphOptions {
  readonly openKey: OpenKey
  /** What listeners bind to. */
  readonly address: string
  /** How many HTTPS listeners that could share a filter chain a port must have for it to have one. */
  readonly sharedFrom?: number
  readonly trial?: GraphOptions
}

export function createPlaneGraph({
  openKey,
  address,
  sharedFrom = defaultSharedFrom,
  trial,
}: PlaneGraphOptions): PlaneGraph {
  // A server that starts has nothing to leave alone: what throws is missing, and its neighbours go on.
  const foundation = declareFoundation(createGraph({ ...trial, doubt: false }))
  const { graph } = foundation
  const sharing = declareSharing(foundation, sharedFrom)
  const used = declareUsedBackends(foundation)
  const secrets = declareSecrets(foundation, { used, sharing, openKey })
  const { clusters, assignments } = declareBackends(foundation, used, secrets)
  const { telemetry, collectors } = declareTelemetry(foundation)
  const listeners = declareListeners(foundation, { sharing, secrets, telemetry, address })
  const { tables, scopes } = declareHosts(foundation)
  const outputs = {
    cluster: graph.union('allClusters', [clusters, collectors]),
    endpoints: assignments,
    secret: secrets,
    listener: listeners,
    table: tables,
    scope: scopes,
  }
  return { ...foundation, sharing, outputs }
}

/** The records, and what most of the rest is made from. */
function declareFoundation(graph: Graph): Foundation {
  const connected = graph.input<true>('connected')
  const records: RecordInputs = {
    fleet: graph.input('fleet'),
    gateway: graph.input('gateway'),
    listener: graph.input('listener'),
    http_rule: graph.input('http_rule'),
    backend: graph.input('backend'),
    endpoints: graph.input('endpoints'),
    certificate: graph.input('certificate'),
    trust_bundle: graph.input('trust_bundle'),
  }
  const clientSecrets = graph.derive(
    'clientSecrets',
    records.gateway,
    ({ backendCertificate }) => backendCertificate && certificateKey(backendCertificate),
  )
  const attachedRules = graph.spread('attachedRules', records.http_rule, (rule, ruleKey) =>
    rule.attachments.map((attachment) => [`${attachment.listener}|${ruleKey}`, { ruleKey, rule, attachment }] as const),
  )
  const attached = graph.derive('attached', attachedRules, (one, _, read) => {
    const showsCertificate = (gateway: string): boolean => read.get(clientSecrets, gateway) !== undefined
    const rule = asClient(one.rule, one.attachment.listener, showsCertificate)
    return rule === one.rule ? one : { ...one, rule }
  })
  const listenersOn = graph.index('listenersOn', records.listener, ({ fleet, port }) => [portKey(fleet, port)])
  const ports = graph.derive('ports', listenersOn.keys, (_, port, read) => read.get(connected, fleetOf(port)))
  const listenersAt = graph.index('listenersAt', records.listener, ({ fleet, port, hostname }) => [
    placeKey(portKey(fleet, port), hostname),
  ])
  const owners = graph.derive(
    'owners',
    listenersAt.keys,
    (_, place, read) => [...read.lookup(listenersAt, place)].sort((a, b) => byPrecedence(a.value, b.value))[0]?.key,
  )
  return { graph, records, connected, attached, clientSecrets, ports, owned: listenersAt.keys, owners }
}

function declareListeners({ graph, ports }: Foundation, { sharing, secrets, telemetry, address }: ListenerReads) {
  const { apart, sharersOn, coveredOn, sharedPorts } = sharing
  const apartOn = graph.index('apartOn', apart, ({ fleet, port }) => [portKey(fleet, port)])
  return graph.derive('listeners', ports, (_, key, read) => {
    const isShared = read.get(sharedPorts, key) === true
    const here = read.lookup(apartOn, key).map(({ value }) => value)
    const isMixed = here.some((listener) => protocolOf(listener) !== 'https')
    const sharers = isShared && isMixed ? read.lookup(sharersOn, key).map(({ value }) => value) : []
    const protocol = protocolOn(here, sharers)
    const covered = (): string[] => read.lookup(coveredOn, key).map(({ value }) => value.hostname)
    return emitListener(nameOf(key), {
      ...{ number: Number(nameOf(key)), address, protocol },
      telemetry: read.get(telemetry, fleetKey({ name: fleetOf(key) })) ?? {},
      listeners: here.filter((listener) => protocolOf(listener) === protocol),
      ...(isShared && protocol === 'https' ? { sharing: { covered: covered() } } : {}),
      hasSecret: (name) => read.get(secrets, inFleet(fleetOf(key), name)) !== undefined,
    })
  })
}

interface ListenerReads {
  readonly sharing: Sharing
  readonly secrets: Collection<Resource>
  /** By the key of the fleet. */
  readonly telemetry: Collection<TelemetryParts>
  readonly address: string
}

/** What is said of requests, and to whom. */
function declareTelemetry({ graph, records, connected }: Foundation) {
  const telemetry = graph.derive(
    'telemetry',
    records.fleet,
    ({ name, telemetry: wanted }) => wanted && emitTelemetry(name, wanted),
  )
  const collectorsInUse = graph.index('collectorsInUse', records.fleet, ({ name, telemetry: wanted }) =>
    wanted ? collectorsOf(name, wanted) : [],
  )
  const collectors = graph.derive('collectors', collectorsInUse.keys, (_, key, read) =>
    read.get(connected, fleetOf(key)) ? emitCollector(nameOf(key)) : undefined,
  )
  return { telemetry, collectors }
}

/** By fleet and name of the cluster. */
function declareUsedBackends({ graph, records, connected, attached }: Foundation) {
  const usersOf = graph.index('usersOf', attached, ({ attachment: { fleet }, rule }) =>
    backendsNamedBy(rule).map((backend) => inFleet(fleet, backend)),
  )
  return graph.derive('usedBackends', usersOf.keys, (_, key, read) =>
    read.get(connected, fleetOf(key)) ? read.get(records.backend, parseClusterName(nameOf(key)).backend) : undefined,
  )
}

function declareBackends(
  { graph, records, clientSecrets }: Foundation,
  used: Collection<RecordOf<'backend'>>,
  secrets: Collection<Resource>,
) {
  const slicesOf = graph.index('slicesOf', records.endpoints, ({ namespace, service }) => [`${namespace}/${service}`])
  const clusters = graph.derive('clusters', used, (backend, key, read) => {
    const { client } = parseClusterName(nameOf(key))
    const certificate = client === undefined ? undefined : read.get(clientSecrets, client)
    const hasSecret = (name: string): boolean => read.get(secrets, inFleet(fleetOf(key), name)) !== undefined
    return emitCluster(nameOf(key), backend, { certificate, hasSecret })
  })
  const assignments = graph.derive('assignments', used, ({ discovery }, key, read) => {
    if (discovery?.$case !== 'service') return undefined
    const { namespace, service, portName } = discovery.value
    const slices = read.lookup(slicesOf, `${namespace}/${service}`).map(({ value }) => value)
    return emitLoadAssignment(nameOf(key), slices, portName)
  })
  return { clusters, assignments }
}

interface SecretReads {
  readonly used: Collection<RecordOf<'backend'>>
  readonly sharing: Sharing
  readonly openKey: OpenKey
}

function declareSecrets(
  { graph, records, connected }: Foundation,
  { used, sharing, openKey }: SecretReads,
): Collection<Resource> {
  const asked = graph.union('askedSecrets', [
    graph.index('secretsOfListeners', sharing.apart, ({ fleet, protocol }) =>
      protocol?.$case === 'https' ? secretNames(protocol.value).map((name) => inFleet(fleet, name)) : [],
    ).keys,
    sharing.secrets,
    graph.index('secretsOfBackends', used, ({ tls }, key) => {
      const trust = tls && trustOf(tls)
      return trust === undefined ? [] : [inFleet(fleetOf(key), trust)]
    }).keys,
    graph.index('secretsOfGateways', records.gateway, ({ fleet, backendCertificate }) =>
      backendCertificate ? [inFleet(fleet, certificateKey(backendCertificate))] : [],
    ).keys,
  ])
  return graph.derive('secrets', asked, (_, key, read) => {
    if (!read.get(connected, fleetOf(key))) return undefined
    const name = nameOf(key)
    if (kindOf(name) === 'trust_bundle') {
      return emitTrust(
        name,
        bundleKeys(name).flatMap((bundle) => read.get(records.trust_bundle, bundle) ?? []),
      )
    }
    const certificate = read.get(records.certificate, read.get(sharing.certificateOf, key) ?? name)
    return certificate && emitSecret(name, certificate, openKey)
  })
}
