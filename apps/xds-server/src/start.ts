// The wiring: IR commits run through the Envoy plane; what changes for a fleet goes to its proxies; what they answer goes
// out as FEEDBACK. Nothing is served before the first whole commit, and losing NATS changes nothing for any proxy.
import { type Bus, type CommittedChange, channels, type Sealer } from '@penstock/bus'
import { Fault } from '@penstock/fault'
import { type IrRecord, kindOf, type Sealed } from '@penstock/ir'
import { createEnvoyPlane, type EnvoyPlane, envoyPhases, type FleetChange } from '@penstock/plane-envoy'
import { type Admin, addCollectionPages, type Health } from '@penstock/service'
import type { Logger, Meter } from '@penstock/telemetry'
import { createXdsServer, type XdsEvents, type XdsServer } from '@penstock/xds'
import { type BackendCensus, createBackendCensus, objectName } from './backend-census.ts'
import { createFeedback, type FeedbackWriter } from './feedback.ts'
import { createHeldKeys, type HeldKeys } from './held-keys.ts'
import { createLiveEdits, type LiveEdits } from './live-edits.ts'
import { createObjectCensus, type ObjectCensus } from './object-census.ts'
import { createPlaneMetrics } from './plane-metrics.ts'
import { createRejectionLog, type RejectionLog } from './rejection-log.ts'
import { createResourceSources, type ResourceSources } from './resource-sources.ts'

export interface XdsServiceOptions {
  bus: Bus
  config: { xdsHost: string; xdsPort: number; instance: string }
  /** Opens the private keys of HTTPS listeners; without it those keys are held. */
  sealer: Sealer | undefined
  log: Logger
  meter: Meter
  health?: Health
  admin?: Admin
}

export interface XdsService extends AsyncDisposable {
  readonly port: number
  readonly plane: EnvoyPlane
}

export async function startXdsServer(options: XdsServiceOptions): Promise<XdsService> {
  const { bus, config, sealer, log, meter, health, admin } = options
  const stack = new AsyncDisposableStack()
  const sources = createResourceSources()
  const wiring: Wiring = {
    log,
    sources,
    plane: createEnvoyPlane({ openKey: keyOpener(sealer), onRound: createPlaneMetrics(meter) }),
    edits: createLiveEdits(log),
    rejections: createRejectionLog(log, sources),
    backends: createBackendCensus(),
    objects: createObjectCensus(),
    held: createHeldKeys(log, meter),
    wanted: new Set(),
    fleets: new Set(),
    commit: 0,
  }
  const synced = health?.check('ir', 'a first whole commit of IR')
  const server = await createXdsServer({
    host: config.xdsHost,
    port: config.xdsPort,
    order: envoyPhases,
    fleetOf: (node) => (node.cluster === '' ? undefined : node.cluster),
    events: events(wiring),
    identifier: config.instance,
    logger: log,
    meter,
  })
  wiring.server = server
  wiring.feedback = createFeedback({
    announcer: stack.use(bus.announce(channels.feedback)),
    instance: config.instance,
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
  admin?.debug('fleets', () =>
    [...wiring.fleets.union(wiring.wanted)].map((fleet) => ({
      ...{ fleet, commit: wiring.commit, proxies: server.proxies(fleet) },
    })),
  )
  if (admin) addCollectionPages(admin, wiring.plane.graph)
  admin?.debug('bus', ({ rest }) => bus.inspect(rest))
  return { port: server.port, plane: wiring.plane, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

interface Wiring {
  log: Logger
  plane: EnvoyPlane
  sources: ResourceSources
  edits: LiveEdits
  rejections: RejectionLog
  backends: BackendCensus
  objects: ObjectCensus
  held: HeldKeys
  /** Fleets with a proxy. */
  wanted: Set<string>
  /** Fleets that the IR names. */
  fleets: Set<string>
  /** The last IR commit; 0: none yet, and no fleet is served. */
  commit: number
  server?: XdsServer
  feedback?: FeedbackWriter
}

function events(wiring: Wiring): XdsEvents {
  return {
    onFleet(fleet, wanted) {
      wiring.log.info(wanted ? 'fleet_connected' : 'fleet_gone', { fleet })
      if (!wanted) {
        wiring.wanted.delete(fleet)
        for (const part of [wiring.sources, wiring.edits, wiring.rejections]) part.forget(fleet)
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

/** Says what became of edits. */
function look({ server, edits, rejections }: Wiring, fleet: string): void {
  const proxies = server?.proxies(fleet) ?? []
  edits.check(fleet, proxies)
  rejections.check(fleet, proxies)
}

/** A fleet's first proxy came, or the first commit. */
function serve(wiring: Wiring, fleet: string): void {
  const changes = wiring.plane.connect(fleet)
  wiring.sources.note(changes)
  wiring.server?.update(fleet, wiring.commit, changes)
}

function applyCommit(wiring: Wiring, { commit, reset, changes }: CommittedChange<IrRecord>): void {
  const { plane, server, wanted } = wiring
  const first = wiring.commit === 0
  wiring.commit = commit.id
  for (const { key, value } of changes) {
    if (kindOf(key) !== 'fleet') continue
    const name = key.slice('fleet/'.length)
    if (value) wiring.fleets.add(name)
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

function keyOpener(sealer: Sealer | undefined): (sealed: Sealed) => string {
  return (sealed) => {
    if (!sealer) throw new Fault('seal_broken', `no sealing keys are configured, so ${sealed.subject} stays closed`)
    return Buffer.from(sealer.open(sealed)).toString()
  }
}
