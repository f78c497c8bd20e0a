// The server: gRPC in front, fleets behind. It serves what it is given, and goes on serving it whatever happens to
// those who gave it.

import { type ConnectionInjector, Metadata, Server, ServerCredentials, setLogger, status } from '@grpc/grpc-js'
import type { Logger, Meter } from '@penstock/telemetry'
import { type AdsCall, type LiveCall, type Peer, type PeerIdentity, refusedHeader, serve } from './admission.ts'
import { type AdsHandlers, adsService } from './ads.ts'
import type { ResourceChange } from './fleet.ts'
import { Fleets, type XdsEvents } from './fleets.ts'
import { type FrontDoor, openFrontDoor, type ServerTls } from './front-door.ts'
import { ageOptions, oneByOne, streamAgeMs } from './leaving.ts'
import { createLogBudget, type LogBudget } from './log-budget.ts'
import { createXdsMetrics, type XdsMetrics } from './metrics.ts'
import type { ProxyNode } from './proxy-node.ts'
import type { ProxyState } from './proxy-state.ts'
import { ProxyStream } from './proxy-stream.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { countRefusals } from './refused-status.ts'
import { completeSettings, type XdsSettings } from './settings.ts'
import type { OwnBody } from './stored-resource.ts'
import { createTypeOrder, type TypeOrder, type TypePhase } from './type-phase.ts'

export interface XdsServerOptions {
  host: string
  /** Zero: a free one. */
  port: number
  tls?: ServerTls
  /** Who the peer is, by what it shows; it may ask for no other fleet. Absent: whoever comes may ask for any. */
  identify?(peer: Peer): Promise<PeerIdentity>
  /** Types that make up a proxy's configuration, for make-before-break. */
  order: readonly TypePhase[]
  /** The fleet that a proxy belongs to; undefined: it is refused. */
  fleetOf(node: ProxyNode): string | undefined
  /**
   * For proxies that take the good part of a response which they refuse: by name, what they say of each resource that they
   * did not take or took in part. Undefined: the message names none, and the response was refused as a whole.
   */
  refusedIn?(message: string): ReadonlyMap<string, string> | undefined
  /**
   * For what a proxy alone can say, such as where it listens: the body of a resource as this one gets it; undefined: it gets
   * all of them as they are. Versions stay those of the fleet, so the answer must hold as long as the proxy lives.
   */
  ownBody?(node: ProxyNode): OwnBody | undefined
  events: XdsEvents
  /** How this server names itself to proxies. */
  identifier?: string
  settings?: Partial<XdsSettings>
  logger: Logger
  meter: Meter
  nowMs?(): number
}

export interface XdsServer extends AsyncDisposable {
  readonly port: number
  /** The fleet is at this commit now. Its first update makes it served; proxies that came before wait for it. */
  update(fleet: string, commit: number, changes: readonly ResourceChange[]): void
  proxies(fleet: string): readonly ProxyState[]
  /** Lets nobody in any more and sends those who are here elsewhere, one after the other. To be followed by the end. */
  drain(withinMs: number): Promise<void>
  /** What connections from now on are shown, and trusted by; those that are open stay. */
  replaceTls(tls: ServerTls): void
}

interface Context extends XdsServerOptions {
  fleets: Fleets
  typeOrder: TypeOrder
  limits: XdsSettings
  metrics: XdsMetrics
  calls: Map<ProxyStream, LiveCall>
  /** Of comings and goings. */
  budget: LogBudget
}

export async function createXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  const limits = completeSettings(options.settings ?? {})
  const { events, identifier = '' } = options
  const typeOrder = createTypeOrder(options.order)
  const keeps = (typeUrl: string): boolean => typeOrder.place(typeUrl).type.warms !== undefined
  const fleets = new Fleets({ events, identifier, keeps, keepMs: limits.answerTimeoutMs, idleMs: limits.fleetIdleMs })
  const metrics = createXdsMetrics(options.meter)
  const context: Context = {
    ...options,
    fleets,
    typeOrder,
    limits,
    metrics,
    calls: new Map(),
    budget: createLogBudget(600),
  }
  const refusals = createRefusals(options)
  setLogger({ error: (message: unknown) => options.logger.debug('grpc', { message: String(message) }) })
  const server = new Server({ ...channelOptions(limits), interceptors: [countRefusals(refusals)] })
  // Connections are ours to accept, to count and to end; HTTP/2 and what is on it are the library's.
  const inside = server.createConnectionInjector(ServerCredentials.createInsecure())
  const door = await openFrontDoor({
    ...{ host: options.host, port: options.port, tls: options.tls, limits, refusals },
    accept: (socket) => inside.injectConnection(socket),
  })
  server.addService(adsService, handlers(context, door, refusals))
  const sweep = setInterval(() => cutOverdue(context), Math.max(10, limits.answerTimeoutMs / 4)).unref()
  return {
    port: door.port,
    update: (fleet, commit, changes) => fleets.get(fleet).update(commit, changes),
    proxies: (fleet) => [...(fleets.find(fleet)?.streams ?? [])].map((stream) => stream.state()),
    async drain(withinMs) {
      door.stop()
      // What is left of them then is destroyed.
      inside.drain(withinMs + limits.closeTimeoutMs)
      await oneByOne([...context.calls.values()].map(leave(context)), withinMs)
    },
    replaceTls: (tls) => door.replaceTls(tls),
    async [Symbol.asyncDispose]() {
      clearInterval(sweep)
      await close({ server, inside, door }, context)
      fleets[Symbol.dispose]()
    },
  }
}

function handlers(context: Context, door: FrontDoor, refusals: Refusals): AdsHandlers {
  const { limits, calls, fleets, fleetOf, identify } = context
  const admission = {
    ...{ limits, refusals, door, calls, fleetOf, ...(identify && { identify }) },
    streamsOf: (fleet: string) => fleets.find(fleet)?.streams.size ?? 0,
    open: (call: AdsCall, node: ProxyNode, fleet: string, live: LiveCall) => open(context, call, node, { fleet, live }),
  }
  return {
    deltaAggregatedResources: (call) => serve(call, admission),
    streamAggregatedResources: (call) => {
      const details = 'state-of-the-world xDS is not served: configure ads_config.api_type DELTA_GRPC'
      refusals.refuse('state_of_the_world', { peer: call.getPeer() })
      const metadata = new Metadata()
      metadata.set(refusedHeader, 'state_of_the_world')
      call.emit('error', { code: status.UNIMPLEMENTED, details, metadata })
    },
  }
}

const channelOptions = (limits: XdsSettings): Record<string, number> => ({
  'grpc.max_receive_message_length': limits.maxRequestBytes,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': limits.keepaliveMs,
  'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
  'grpc.enable_channelz': 0,
  // Beyond what is refused in words.
  'grpc.max_concurrent_streams': 8 * limits.maxStreamsPerConnection,
  ...ageOptions(limits.connectionAgeMs),
})

function open(
  context: Context,
  call: AdsCall,
  node: ProxyNode,
  { fleet: name, live }: { fleet: string; live: LiveCall },
): ProxyStream {
  const { fleets, typeOrder: order, limits: settings, metrics, calls, nowMs = Date.now } = context
  const ownBody = context.ownBody?.(node)
  const fleet = fleets.get(name)
  const logger = context.logger.child({ fleet: name, proxy: node.id })
  const stream = new ProxyStream({
    ...{ proxy: node.id, fleet, order, settings, metrics, logger, nowMs },
    ...(ownBody && { ownBody }),
    ...(context.refusedIn && { refusedIn: context.refusedIn }),
    write: (bytes) => call.write(bytes),
    onState: () => fleets.touch(name),
    onClose: () => {
      clearTimeout(ageing)
      calls.delete(stream)
      metrics.streams.set(calls.size)
      fleets.leave(fleet, stream)
      context.events.onProxy?.(name, node, false)
      sayOf(context, logger, 'proxy disconnected')
    },
  })
  const ageing = settings.connectionAgeMs > 0 ? endAtAge(live, context) : undefined
  calls.set(stream, live)
  metrics.streams.set(calls.size)
  sayOf(context, logger, 'proxy connected', { peer: call.getPeer() })
  try {
    context.events.onProxy?.(name, node, true)
    fleets.join(fleet, stream)
    return stream
  } catch (error) {
    // Whoever is not served must not be counted either.
    stream[Symbol.dispose]()
    throw error
  }
}

function sayOf(
  { budget }: Context,
  logger: Logger,
  event: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const notLogged = budget(event)
  if (notLogged !== undefined) logger.info(event, { ...fields, ...(notLogged > 0 && { notLogged }) })
}

function endAtAge(call: LiveCall, { limits, metrics }: Context): NodeJS.Timeout {
  const act = (): void => {
    metrics.cuts.add(1, { reason: 'age' })
    call.end(status.UNAVAILABLE, 'connect anew: the connection has reached its age')
  }
  return setTimeout(act, streamAgeMs(limits.connectionAgeMs)).unref()
}

const leave =
  ({ metrics }: Context) =>
  (call: LiveCall): (() => void) =>
  () => {
    metrics.cuts.add(1, { reason: 'leaving' })
    call.end(status.UNAVAILABLE, 'connect anew: the server is shutting down')
  }

function cutOverdue({ fleets, calls, typeOrder, metrics, logger, limits, nowMs = Date.now }: Context): void {
  for (const [stream, call] of [...calls]) {
    if (call.expiresMs > nowMs()) continue
    metrics.cuts.add(1, { reason: 'expired' })
    logger.warn('proxy cut', { proxy: stream.proxy, reason: 'its identity has expired' })
    call.leave(status.UNAUTHENTICATED, 'the identity that this stream began with has expired')
  }
  for (const stream of [...fleets.streams()]) {
    const typeUrl = stream.overdue()
    if (typeUrl === undefined) continue
    metrics.cuts.add(1, { reason: 'no_answer' })
    logger.warn('proxy cut', { proxy: stream.proxy, type: typeOrder.label(typeUrl), timeoutMs: limits.answerTimeoutMs })
    calls.get(stream)?.end(status.DEADLINE_EXCEEDED, `no answer for ${typeUrl} in ${limits.answerTimeoutMs} ms`)
  }
}

interface Doors {
  server: Server
  inside: ConnectionInjector
  door: FrontDoor
}

/** Proxies are told to go elsewhere; what is left of them after a while is destroyed. */
async function close({ server, inside, door }: Doors, context: Context): Promise<void> {
  for (const end of [...context.calls.values()].map(leave(context))) end()
  // Not `forceShutdown`: without channelz, which is off here, it finds no connection that it could end.
  inside.drain(context.limits.closeTimeoutMs)
  await door.close(context.limits.closeTimeoutMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
}
