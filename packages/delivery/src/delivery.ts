// IR commits run through a plane; what changes for a fleet goes to its proxies; what they answer goes out as FEEDBACK.
// Nothing is served before the first whole commit, and losing NATS changes nothing for any proxy.
import { type Bus, type CommittedChange, channels, type ServiceName } from '@penstock/bus'
import type { Graph } from '@penstock/incremental'
import { type FleetChange, type IrRecord, kindOf, type Plane, type PlaneName } from '@penstock/ir'
import { type Admin, addCollectionPages, type Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import {
  createXdsServer,
  type ProxyNode,
  type ResourceChange,
  type ServerTls,
  type XdsEvents,
  type XdsServer,
  type XdsServerOptions,
} from '@penstock/xds'
import { type BackendCensus, createBackendCensus, objectName } from './backend-census.ts'
import { createFeedback, type FeedbackWriter } from './feedback.ts'
import { createHeldKeys, type HeldKeys } from './held-keys.ts'
import { createLag, type Lag } from './lag.ts'
import { type BasisOf, createLiveEdits, type LiveEdits } from './live-edits.ts'
import { createObjectCensus, type ObjectCensus } from './object-census.ts'
import { createOwnResources, type OwnResources } from './own-resources.ts'
import { openGuard, type Proof, type ProofConfig } from './proof.ts'
import { createRejectionLog, type RejectionLog } from './rejection-log.ts'
import { createResourceSources, type ResourceSources } from './resource-sources.ts'
import type { DeliveryConfig } from './settings.ts'

/** A plane as it is delivered: what its proxies are, and how its resources depend on one another. */
export interface DeliveredPlane extends Plane, Pick<XdsServerOptions, 'order' | 'fleetOf' | 'refusedIn' | 'ownBody'> {
  readonly name: PlaneName
  readonly graph: Graph
  readonly proof: Proof
  /** What is made of how a proxy names itself, for its whole fleet, while it is connected. */
  readonly ownResources?: (node: ProxyNode) => readonly ResourceChange[]
  readonly basisOf?: BasisOf
}

export interface DeliveryOptions {
  bus: Bus
  /** Tells apart what servers of one instance name say on the bus: by default that is the name of the machine. */
  service: ServiceName
  plane: DeliveredPlane
  config: Pick<DeliveryConfig, 'xdsPort' | 'instance'> & ProofConfig & Partial<Lifecycle & Limits>
  log: Logger
  meter: Meter
  health?: Health
  admin?: Admin
}

/** Left out: connections do not age, and proxies go at one time when this ends. */
type Lifecycle = Pick<DeliveryConfig, 'connectionAgeMs' | 'drainMs'>

/** Left out: as the server has them. */
type Limits = Pick<DeliveryConfig, (typeof limitNames)[number]>
const limitNames = ['maxStreams', 'maxStreamsPerFleet', 'maxRequestBytes', 'maxNames'] as const

const limitsOf = (config: Partial<Limits>): Partial<Limits> =>
  Object.fromEntries(limitNames.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]]])))

export interface Delivery extends AsyncDisposable {
  readonly port: number
}

export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { bus, plane, config, log, meter, health, admin } = options
  const stack = new AsyncDisposableStack()
  const sources = createResourceSources()
  const wiring: Wiring = {
    ...{ log, sources, plane },
    edits: createLiveEdits(log, plane.basisOf),
    rejections: createRejectionLog(log, sources),
    backends: createBackendCensus(),
    objects: createObjectCensus(),
    held: createHeldKeys(log, meter),
    lag: stack.use(createLag(meter)),
    own: createOwnResources(plane.ownResources ?? (() => [])),
    wanted: new Set(),
    fleets: new Set(),
    commit: 0,
  }
  const synced = health?.check('ir', 'a first whole commit of IR')
  const server = await startServer(options, wiring, stack)
  wiring.server = server
  wiring.feedback = createFeedback({
    announcer: stack.use(bus.announce(channels.feedback)),
    ...{ service: options.service, instance: config.instance },
    proxies: (fleet) => server.proxies(fleet),
    sources: wiring.sources,
  })
  stack.use(wiring.feedback)
  stack.use(server)
  stack.use(
    bus.follow(channels.ir, {
      onCommit(change) {
        applyCommit(wiring, change)
        synced?.pass()
      },
      onHeld: (reason) => (reason ? log.warn('ir_held', { ...reason }) : log.info('ir_readable')),
    }),
  )
  // First of all: while proxies leave, those that are still here get what changes, and it is told of each that went.
  stack.defer(() => server.drain(config.drainMs ?? 0))
  admin?.debug('fleets', ({ rest }) => {
    const names = [...wiring.fleets.union(wiring.wanted)].filter((fleet) => rest === '' || rest === fleet)
    return rest !== '' && names.length === 0 ? undefined : names.map((fleet) => fleetPage(wiring, fleet))
  })
  if (admin) addCollectionPages(admin, plane.graph)
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  return { port: server.port, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What it is guarded by ends with `stack`. */
async function startServer(
  { plane, config, log: logger, meter }: DeliveryOptions,
  wiring: Wiring,
  stack: AsyncDisposableStack,
): Promise<XdsServer> {
  const onReplaced = (tls: ServerTls): void => wiring.server?.replaceTls(tls)
  const guard = stack.use(await openGuard({ proof: plane.proof, config, logger, meter, onReplaced }))
  return createXdsServer({
    ...guard.server,
    host: config.xdsHost,
    port: config.xdsPort,
    order: plane.order,
    fleetOf: plane.fleetOf,
    ...(plane.refusedIn && { refusedIn: plane.refusedIn }),
    ...(plane.ownBody && { ownBody: plane.ownBody }),
    events: events(wiring),
    identifier: config.instance,
    settings: { connectionAgeMs: config.connectionAgeMs ?? 0, ...limitsOf(config) },
    logger,
    meter,
  })
}

/** What each proxy acknowledged, and how far it is behind. */
const fleetPage = ({ commit, server, lag }: Wiring, fleet: string): unknown => ({
  ...{ fleet, commit },
  proxies: server?.proxies(fleet).map((proxy) => ({ ...proxy, behind: lag.behind(fleet, proxy) })),
})

interface Wiring {
  log: Logger
  plane: DeliveredPlane
  sources: ResourceSources
  edits: LiveEdits
  rejections: RejectionLog
  backends: BackendCensus
  objects: ObjectCensus
  held: HeldKeys
  lag: Lag
  own: OwnResources
  /** Fleets with a proxy. */
  wanted: Set<string>
  /** Fleets of this plane that the IR names. */
  fleets: Set<string>
  /** The last IR commit; 0: none yet, and no fleet is served. */
  commit: number
  server?: XdsServer
  feedback?: FeedbackWriter
}

function events(wiring: Wiring): XdsEvents {
  return {
    onProxy(fleet, node, connected) {
      const changes = wiring.own.note(fleet, node, connected)
      // Else they go with everything else.
      if (changes.length > 0 && isServed(wiring, fleet)) wiring.server?.update(fleet, wiring.commit, changes)
    },
    onFleet(fleet, wanted) {
      wiring.log.info(wanted ? 'fleet_connected' : 'fleet_gone', { fleet })
      if (!wanted) {
        wiring.wanted.delete(fleet)
        for (const part of [wiring.sources, wiring.edits, wiring.rejections, wiring.lag]) part.forget(fleet)
        return wiring.plane.disconnect(fleet)
      }
      wiring.wanted.add(fleet)
      if (wiring.commit > 0) serve(wiring, fleet)
    },
    onProxies(fleet) {
      look(wiring, fleet)
      wiring.feedback?.tell(fleet)
    },
  }
}

const isServed = ({ wanted, commit }: Wiring, fleet: string): boolean => wanted.has(fleet) && commit > 0

/** Says what became of edits. */
function look({ server, edits, rejections, lag }: Wiring, fleet: string): void {
  const proxies = server?.proxies(fleet) ?? []
  edits.check(fleet, proxies)
  lag.check(fleet, proxies)
  rejections.check(fleet, proxies)
}

/** A fleet's first proxy came, or the first commit. */
function serve(wiring: Wiring, fleet: string): void {
  const changes = wiring.plane.connect(fleet)
  wiring.sources.note(changes)
  wiring.server?.update(fleet, wiring.commit, [...changes, ...wiring.own.of(fleet)])
}

function applyCommit(wiring: Wiring, { commit, reset, changes }: CommittedChange<IrRecord>): void {
  const { plane, server, wanted } = wiring
  const first = wiring.commit === 0
  wiring.commit = commit.id
  for (const { key, value } of changes) {
    if (kindOf(key) !== 'fleet') continue
    const name = key.slice('fleet/'.length)
    if (value?.kind === 'fleet' && value.value.plane === plane.name) wiring.fleets.add(name)
    else wiring.fleets.delete(name)
  }
  const bystanders = wiring.backends.comeOrGo(changes)
  const gone = wiring.objects.left(changes)
  const sent = plane.apply(changes.map(({ key, value }) => ({ key, record: value })))
  wiring.held.check(plane.graph)
  wiring.sources.note(sent)
  if (first) for (const fleet of wanted) serve(wiring, fleet)
  const byFleet = Map.groupBy(sent, ({ fleet }) => fleet)
  for (const fleet of wanted) {
    const own: readonly FleetChange[] = byFleet.get(fleet) ?? []
    if (own.length > 0) wiring.lag.add({ fleet, commit: commit.id, changedMs: reset ? 0 : commit.oldestChangeMs })
    if (own.length > 0 && !reset) {
      const edited = own.map(({ typeUrl, name, sources }) => ({
        ...{ typeUrl, name, sources: sources.filter((source) => !bystanders.has(objectName(source))) },
      }))
      wiring.edits.add({ fleet, commit: commit.id, changedMs: commit.oldestChangeMs, changes: edited, gone })
    }
    server?.update(fleet, commit.id, own)
    if (own.length > 0) look(wiring, fleet)
  }
  wiring.feedback?.fleets(wiring.fleets)
  wiring.feedback?.tellSoon()
}
