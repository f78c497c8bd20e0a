// The plane from records to resources: declarations only, from the inputs up. Keys of resources are
// `<fleet>/<resource name>`, and only fleets with a proxy are computed.
import {
  type Collection,
  createGraph,
  type Graph,
  type GraphOptions,
  type Input,
  type Read,
} from '@penstock/incremental'
import {
  type Attachment,
  certificateKey,
  gatewayOfListener,
  type HttpRule,
  type IrKind,
  type IrRecord,
  type Listener,
} from '@penstock/ir'
import type { AgentgatewayType } from './agentgateway-types.ts'
import { declareBackends, declareEndpoints, trustOf } from './backend-graph.ts'
import { fleetOf, inFleet } from './fleet-key.ts'
import { referToBackend, type UsedBackend } from './forwarding.ts'
import { byPrecedence, emitBind, emitListener, partsOf, siteOf } from './listeners.ts'
import type { Site } from './redirects.ts'
import type { Emitted } from './resource.ts'
import { bindKey, listenerKey, nameIn, routeKey } from './resource-name.ts'
import { emitRoute } from './routes.ts'
import { type OpenCertificate, type OpenKey, openCertificate } from './secrets.ts'

export type RecordOf<K extends IrKind> = Extract<IrRecord, { kind: K }>['value']

/** Records that no resource is made of. */
type Unread = 'fleet'
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
  readonly openKey: OpenKey
}

export interface PlaneGraph {
  readonly graph: Graph
  readonly records: RecordInputs
  readonly connected: Input<true>
  readonly outputs: { readonly [T in AgentgatewayType]: Collection<Emitted> }
}

export interface PlaneGraphOptions {
  readonly openKey: OpenKey
  readonly trial?: GraphOptions
}

export function createPlaneGraph({ openKey, trial }: PlaneGraphOptions): PlaneGraph {
  // A server that starts has nothing to leave alone: what throws is missing, and its neighbours go on.
  const graph = createGraph({ ...trial, doubt: false })
  const connected = graph.input<true>('connected')
  const records: RecordInputs = {
    gateway: graph.input('gateway'),
    listener: graph.input('listener'),
    http_rule: graph.input('http_rule'),
    backend: graph.input('backend'),
    endpoints: graph.input('endpoints'),
    certificate: graph.input('certificate'),
    trust_bundle: graph.input('trust_bundle'),
  }
  const foundation: Foundation = { graph, records, connected, openKey }
  const { binds, listeners, sites } = declareListeners(foundation)
  const attached = graph.spread('attached', records.http_rule, (rule, ruleKey) =>
    rule.attachments.map((attachment) => [
      inFleet(attachment.fleet, nameIn('route', routeKey(rule, attachment))),
      { ruleKey, rule, attachment },
    ]),
  )
  const served = graph.derive('served', attached, (one, _, read) => read.get(sites, one.attachment.listener) && one)
  const { used, services, policies } = declareBackends(foundation, served)
  const outputs = {
    address: graph.union('addresses', [services, ...declareEndpoints(foundation, used, served)]),
    resource: graph.union('resources', [
      binds,
      listeners,
      policies,
      declareRoutes(foundation, { served, sites, used }),
    ]),
  }
  return { graph, records, connected, outputs }
}

/** `sites`: by record, those of the listeners that take traffic. */
function declareListeners({ graph, records, connected, openKey }: Foundation) {
  const placeOf = ({ fleet, port, hostname }: Listener): string => inFleet(fleet, `${port}/${hostname}`)
  const listenersAt = graph.index('listenersAt', records.listener, (listener) => [placeOf(listener)])
  // Several Gateways of a fleet may claim the same port and host: the proxy would take any of them.
  const owners = graph.derive(
    'owners',
    listenersAt.keys,
    (_, place, read) =>
      read.get(connected, fleetOf(place)) &&
      [...read.lookup(listenersAt, place)].sort((a, b) => byPrecedence(a.value, b.value))[0]?.key,
  )
  const sites = graph.derive('sites', records.listener, (listener, key, read) =>
    read.get(owners, placeOf(listener)) === key ? siteOf(listener) : undefined,
  )
  const listenersOn = graph.index('listenersOn', records.listener, ({ fleet, port }) => [
    inFleet(fleet, nameIn('bind', bindKey(fleet, port))),
  ])
  const binds = graph.derive('binds', listenersOn.keys, (_, key, read) => {
    if (!read.get(connected, fleetOf(key))) return undefined
    const here = read.lookup(listenersOn, key)
    const [first] = here
    return (
      first && {
        resource: emitBind(
          first.value.fleet,
          first.value.port,
          here.map(({ value }) => value),
        ),
        from: here.map((listener) => listener.key),
      }
    )
  })
  const named = graph.spread('namedListeners', records.listener, (listener, key) => [
    [
      inFleet(listener.fleet, nameIn('listener', listenerKey({ listener: key, port: listener.port }))),
      { listener, key },
    ],
  ])
  const listeners = graph.derive('listeners', named, ({ listener, key }, _, read): Emitted | undefined => {
    if (read.get(sites, key) === undefined) return undefined
    const resource = emitListener(listener, key, {
      certificateAt: (certificate) => openAt(certificate, read, { records, openKey }),
      trustOf: (bundles) => trustOf(bundles, read, records),
    })
    return resource && { resource, from: [key, ...partsOf(listener)], owners: [key] }
  })
  return { binds, listeners, sites }
}

interface RouteReads {
  readonly served: Collection<Attached>
  readonly sites: Collection<Site>
  readonly used: Collection<UsedBackend>
}

function declareRoutes({ graph, records, connected, openKey }: Foundation, { served, sites, used }: RouteReads) {
  const certificates = graph.derive('clientCertificates', records.gateway, ({ fleet, backendCertificate }, _, read) => {
    if (backendCertificate === undefined || !read.get(connected, fleet)) return undefined
    const key = certificateKey(backendCertificate)
    const certificate = openAt(key, read, { records, openKey })
    return certificate && { key, certificate }
  })
  return graph.derive('routes', served, ({ ruleKey, rule, attachment }, _, read): Emitted | undefined => {
    const site = read.get(sites, attachment.listener)
    if (site === undefined) return undefined
    const from = new Set([ruleKey, attachment.listener])
    const backendAt = (key: string): UsedBackend | undefined => {
      const found = read.get(used, inFleet(attachment.fleet, key))
      for (const part of found?.from ?? []) from.add(part)
      return found
    }
    const resource = emitRoute(rule, attachment, {
      site,
      backendAt,
      referTo: (key) => referToBackend(backendAt(key)),
      certificate() {
        const gateway = gatewayOfListener(attachment.listener)
        const found = read.get(certificates, gateway)
        for (const part of [gateway, ...(found === undefined ? [] : [found.key])]) from.add(part)
        return found?.certificate
      },
    })
    return { resource, from: [...from], owners: [ruleKey] }
  })
}

function openAt(
  key: string,
  read: Read,
  { records, openKey }: Pick<Foundation, 'records' | 'openKey'>,
): OpenCertificate | undefined {
  const certificate = read.get(records.certificate, key)
  return certificate && openCertificate(certificate, openKey)
}
