// The server: gRPC in front, fleets behind. It serves what it is given, and goes on serving it whatever happens to
// those who gave it.

import { Server, ServerCredentials, type ServerDuplexStream, setLogger, status } from '@grpc/grpc-js'
import { Fault } from '@penstock/fault'
import type { Logger, Meter } from '@penstock/telemetry'
import { type AdsHandlers, adsService } from './ads.ts'
import type { ResourceChange } from './fleet.ts'
import { Fleets, type XdsEvents } from './fleets.ts'
import type { DeltaDiscoveryRequest } from './gen/envoy/service/discovery/v3/discovery.ts'
import { ageOptions, oneByOne, streamAgeMs } from './leaving.ts'
import { createXdsMetrics, type XdsMetrics } from './metrics.ts'
import { createProxyNode, type ProxyNode } from './proxy-node.ts'
import type { ProxyState } from './proxy-state.ts'
import { ProxyStream } from './proxy-stream.ts'
import { defaultXdsSettings, type XdsSettings } from './settings.ts'
import type { OwnBody } from './stored-resource.ts'
import { createTypeOrder, type TypeOrder, type TypePhase } from './type-phase.ts'

export interface XdsServerOptions {
  host: string
  /** Zero: a free one. */
  port: number
  /** PEM. With it only clients with a certificate of `clientCa` are let in. */
  tls?: { certificate: Buffer; key: Buffer; clientCa: Buffer }
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
}

type Call = ServerDuplexStream<DeltaDiscoveryRequest, Buffer>

interface Context extends XdsServerOptions {
  fleets: Fleets
  typeOrder: TypeOrder
  limits: XdsSettings
  metrics: XdsMetrics
  /** Ends a call with this status. */
  calls: Map<ProxyStream, End>
}

type End = (code: status, details: string) => void

export async function createXdsServer(options: XdsServerOptions): Promise<XdsServer> {
  const limits = { ...defaultXdsSettings, ...options.settings }
  const { events, identifier = '' } = options
  const typeOrder = createTypeOrder(options.order)
  const keeps = (typeUrl: string): boolean => typeOrder.place(typeUrl).type.warms !== undefined
  const fleets = new Fleets({ events, identifier, keeps, keepMs: limits.answerTimeoutMs, idleMs: limits.fleetIdleMs })
  const context = { ...options, fleets, typeOrder, limits, metrics: createXdsMetrics(options.meter), calls: new Map() }
  setLogger({ error: (message: unknown) => options.logger.debug('grpc', { message: String(message) }) })
  const server = new Server(channelOptions(limits))
  const handlers: AdsHandlers = {
    deltaAggregatedResources: (call) => serve(call, context),
    streamAggregatedResources: (call) => {
      const details = 'state-of-the-world xDS is not served: configure ads_config.api_type DELTA_GRPC'
      call.emit('error', { code: status.UNIMPLEMENTED, details })
    },
  }
  server.addService(adsService, handlers)
  const port = await bind(server, options)
  const sweep = setInterval(() => cutOverdue(context), Math.max(10, limits.answerTimeoutMs / 4)).unref()
  return {
    port,
    update: (fleet, commit, changes) => fleets.get(fleet).update(commit, changes),
    proxies: (fleet) => [...(fleets.find(fleet)?.streams ?? [])].map((stream) => stream.state()),
    async drain(withinMs) {
      const address = addressOf({ ...options, port })
      // What is left of them then is destroyed.
      server.drain(address, withinMs + limits.closeTimeoutMs)
      server.unbind(address)
      await oneByOne([...context.calls.values()].map(leave(context)), withinMs)
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweep)
      await close(server, addressOf({ ...options, port }), context)
      fleets[Symbol.dispose]()
    },
  }
}

const channelOptions = (limits: XdsSettings): Record<string, number> => ({
  'grpc.max_receive_message_length': limits.maxRequestBytes,
  'grpc.max_send_message_length': -1,
  'grpc.keepalive_time_ms': limits.keepaliveMs,
  'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
  'grpc.enable_channelz': 0,
  ...ageOptions(limits.connectionAgeMs),
})

const addressOf = ({ host, port }: Pick<XdsServerOptions, 'host' | 'port'>): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

function bind(server: Server, { host, port, tls }: XdsServerOptions): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(tls.clientCa, [{ private_key: tls.key, cert_chain: tls.certificate }], true)
    : ServerCredentials.createInsecure()
  const address = addressOf({ host, port })
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(new Fault('port_in_use', `xDS cannot listen on ${address}: ${error.message}`, { cause: error }))
      else resolve(bound)
    })
  })
}

/** One stream: the first request names the proxy, the rest is the stream's. */
function serve(call: Call, context: Context): void {
  let stream: ProxyStream | undefined
  let over = false
  const close = (): void => {
    over = true
    stream?.[Symbol.dispose]()
    stream = undefined
  }
  const end: End = (code, details) => {
    if (over) return
    close()
    call.emit('error', { code, details })
  }
  call.on('data', (request: DeltaDiscoveryRequest) => {
    if (over) return
    if (!request.typeUrl) return end(status.INVALID_ARGUMENT, 'a request on an aggregated stream needs a type_url')
    stream ??= admit(call, request, context, end)
    stream?.request(request)
  })
  call.on('end', () => {
    close()
    call.end()
  })
  for (const event of ['cancelled', 'error', 'close']) call.on(event, close)
}

function admit(call: Call, request: DeltaDiscoveryRequest, context: Context, end: End): ProxyStream | undefined {
  const { fleets, typeOrder: order, limits: settings, metrics, calls, nowMs = Date.now } = context
  if (!request.node) {
    end(status.INVALID_ARGUMENT, 'the first request of a stream must carry node')
    return undefined
  }
  const node = createProxyNode(request.node)
  const name = context.fleetOf(node)
  if (name === undefined) {
    context.logger.warn('proxy refused', { proxy: node.id, peer: call.getPeer() })
    end(status.PERMISSION_DENIED, `no fleet for node "${node.id}"`)
    return undefined
  }
  const fleet = fleets.get(name)
  const logger = context.logger.child({ fleet: name, proxy: node.id })
  const ownBody = context.ownBody?.(node)
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
      logger.info('proxy disconnected')
    },
  })
  const ageing = settings.connectionAgeMs > 0 ? endAtAge(end, context) : undefined
  calls.set(stream, end)
  metrics.streams.set(calls.size)
  logger.info('proxy connected', { peer: call.getPeer() })
  context.events.onProxy?.(name, node, true)
  fleets.join(fleet, stream)
  return stream
}

function endAtAge(end: End, { limits, metrics }: Context): NodeJS.Timeout {
  const act = (): void => {
    metrics.cuts.add(1, { reason: 'age' })
    end(status.UNAVAILABLE, 'connect anew: the connection has reached its age')
  }
  return setTimeout(act, streamAgeMs(limits.connectionAgeMs)).unref()
}

const leave =
  ({ metrics }: Context) =>
  (end: End): (() => void) =>
  () => {
    metrics.cuts.add(1, { reason: 'leaving' })
    end(status.UNAVAILABLE, 'connect anew: the server is shutting down')
  }

function cutOverdue({ fleets, calls, typeOrder, metrics, logger, limits }: Context): void {
  for (const stream of [...fleets.streams()]) {
    const typeUrl = stream.overdue()
    if (typeUrl === undefined) continue
    metrics.cuts.add(1, { reason: 'no_answer' })
    logger.warn('proxy cut', { proxy: stream.proxy, type: typeOrder.label(typeUrl), timeoutMs: limits.answerTimeoutMs })
    calls.get(stream)?.(status.DEADLINE_EXCEEDED, `no answer for ${typeUrl} in ${limits.answerTimeoutMs} ms`)
  }
}

/** Proxies are told to go elsewhere; what is left of them after a while is destroyed. */
async function close(server: Server, address: string, context: Context): Promise<void> {
  for (const end of [...context.calls.values()].map(leave(context))) end()
  // Not `forceShutdown`: without channelz, which is off here, it finds no connection that it could end.
  server.drain(address, context.limits.closeTimeoutMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
}
