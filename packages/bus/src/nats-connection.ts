// The one connection of a service to NATS: its options, the floor under the server's version, word of lost and new
// connections, and every error as a fault.
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import {
  AuthorizationError,
  connect,
  type NatsConnection,
  type NodeConnectionOptions,
  NoRespondersError,
  PermissionViolationError,
  RequestError,
} from '@nats-io/transport-node'
import { Fault, retry } from '@penstock/fault'
import type { BusEvents } from './events.ts'
import { authenticatorOf, type NatsUser } from './nats-access.ts'
import { type NatsTls, tlsFault, tlsOptions } from './nats-tls.ts'
import type { BusSettings } from './settings.ts'
import { inboxPrefix, type Place } from './subject-space.ts'
import { notConnected } from './transport.ts'

export interface NatsAccess extends NatsUser {
  servers: string | readonly string[]
  tls?: NatsTls
  /** Gives up the first connect, which otherwise waits for NATS. */
  signal?: AbortSignal
}

export interface Connection {
  readonly nats: NatsConnection
  readonly connected: boolean
  onConnected(listener: () => void): () => void
  onLost(listener: () => void): () => void
  /** The answer, or a fault as soon as the connection is lost: nobody waits for an answer that cannot come. */
  ask<T>(question: () => Promise<T>): Promise<T>
  readonly closed: Promise<Error | undefined>
  close(): Promise<void>
}

/** Between two looks at why NATS cannot be reached. */
const whyAwayMs = 5_000

/** Atomic batches work from here on. */
const oldestServer = '2.12.3'

function connectionOptions(access: NatsAccess, place: Place, { settings, events }: Parts): NodeConnectionOptions {
  const { servers, tls } = access
  const authenticator = authenticatorOf(access, events)
  return {
    servers: typeof servers === 'string' ? servers : [...servers],
    name: `penstock ${place.install} ${place.service}`,
    inboxPrefix: inboxPrefix(place),
    timeout: settings.connectTimeoutMs,
    pingInterval: settings.pingMs,
    maxPingOut: 2,
    // The defaults give up for good after ten attempts, or after two refusals, as while credentials rotate.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: settings.reconnectWaitMs,
    reconnectJitter: settings.reconnectWaitMs,
    reconnectJitterTLS: settings.reconnectWaitMs,
    // A tenth of a millisecond for each request: its stack in case that it fails, which tells of nothing but `ask`.
    noAsyncTraces: true,
    ...(authenticator && { authenticator }),
    ...(tls !== undefined && { tls: tlsOptions(tls) }),
  }
}

interface Parts {
  readonly settings: BusSettings
  readonly events: BusEvents
}

/** Waits for NATS as long as it takes; rejects when no further try can help. */
export async function openConnection(access: NatsAccess, place: Place, parts: Parts): Promise<Connection> {
  const { events } = parts
  const options = connectionOptions(access, place, parts)
  const dial = async (): Promise<NatsConnection> => {
    const nats = await connect(options).catch((thrown: unknown) => {
      throw tlsFault(thrown, access.tls) ?? natsFault(thrown)
    })
    try {
      checkVersion(nats)
      return nats
    } catch (thrown) {
      await nats.close()
      throw thrown
    }
  }
  const signal = access.signal ?? new AbortController().signal
  const nats = await retry(dial, { signal, maxDelayMs: 2_000, onFault: (fault) => events.fault(fault) })
  return watch(nats, events, () => trustFault(options, access.tls))
}

/** Whether a connection of its own fails for want of trust. */
async function trustFault(options: NodeConnectionOptions, tls: NatsTls | undefined): Promise<Fault | undefined> {
  if (tls === undefined) return undefined
  try {
    const nats = await connect({ ...options, reconnect: false })
    await nats.close()
  } catch (thrown) {
    return tlsFault(thrown, tls)
  }
  return undefined
}

function checkVersion(nats: NatsConnection): void {
  const version = nats.info?.version ?? 'unknown'
  if (!isAtLeast(version, oldestServer)) {
    throw new Fault('bus_too_old', `NATS ${version} is older than ${oldestServer}, the first that Penstock can use`)
  }
}

/** Compares `major.minor.patch`; what follows, as in "-beta.1", counts for nothing. */
export function isAtLeast(version: string, floor: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  const [have, need] = [numbers(version), numbers(floor)]
  const differing = need.findIndex((number, index) => number !== have[index])
  return differing === -1 || (have[differing] ?? -1) > (need[differing] ?? 0)
}

function watch(nats: NatsConnection, events: BusEvents, whyAway: () => Promise<Fault | undefined>): Connection {
  let connected = true
  const onConnected = new Set<() => void>()
  const onLost = new Set<() => void>()
  const say = (): void => events.connected(nats.getServer(), nats.info?.version ?? 'unknown')
  const lost = (reason: string): void => {
    if (!connected) return
    connected = false
    events.disconnected(reason)
    for (const listener of [...onLost]) listener()
  }
  const back = (): void => {
    connected = true
    lastRefusal = ''
    say()
    try {
      checkVersion(nats)
    } catch (thrown) {
      // A process that serves proxies must not end for this: it goes on serving what it has.
      events.fault(Fault.from(thrown))
    }
    for (const listener of [...onConnected]) listener()
  }
  let lastRefusal = ''
  const refused = (fault: Fault): void => {
    // Wrong credentials are refused with every attempt to connect.
    const say = fault.message === lastRefusal ? events.faultAgain : events.fault
    lastRefusal = fault.message
    say(fault)
  }
  // The client keeps to itself why an attempt to come back failed.
  let asked = Number.NEGATIVE_INFINITY
  const askWhy = (): void => {
    if (performance.now() - asked < whyAwayMs) return
    asked = performance.now()
    void whyAway().then((fault) => fault && !connected && refused(fault))
  }
  void (async () => {
    for await (const status of nats.status()) {
      if (status.type === 'disconnect') lost('disconnected')
      else if (status.type === 'reconnect') back()
      else if (status.type === 'reconnecting') askWhy()
      else if (status.type === 'error') refused(Fault.from(status.error, 'bus_refused'))
      else if (status.type === 'slowConsumer') events.fault(new Fault('bus_unreachable', 'slow consumer'))
    }
  })()
  say()
  return {
    nats,
    get connected() {
      return connected && !nats.isClosed()
    },
    onConnected: (listener) => listen(onConnected, listener),
    onLost: (listener) => listen(onLost, listener),
    ask: (question) => ask(question, () => connected && !nats.isClosed(), onLost),
    closed: nats.closed().then((reason) => reason ?? undefined),
    close: () => nats.close(),
  }
}

function listen(listeners: Set<() => void>, listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function ask<T>(question: () => Promise<T>, connected: () => boolean, onLost: Set<() => void>): Promise<T> {
  if (!connected()) return Promise.reject(notConnected())
  return new Promise<T>((resolve, reject) => {
    const lost = (): void => reject(new Fault('bus_unreachable', 'the connection was lost'))
    onLost.add(lost)
    const done = (): void => void onLost.delete(lost)
    question().then(
      (answer) => {
        done()
        resolve(answer)
      },
      (thrown: unknown) => {
        done()
        reject(natsFault(thrown))
      },
    )
  })
}

/** What NATS answered, or that it did not, as a fault. */
function natsFault(thrown: unknown): Fault {
  // A refusal names the subject.
  const cause = thrown instanceof RequestError ? thrown.cause : thrown
  if (cause instanceof PermissionViolationError || cause instanceof AuthorizationError) {
    return Fault.from(cause, 'bus_refused')
  }
  if (cause instanceof NoRespondersError) return new Fault('stream_missing', cause.message, { cause })
  if (thrown instanceof JetStreamApiError && thrown.code === JetStreamApiCodes.StreamNotFound) {
    return Fault.from(thrown, 'stream_missing')
  }
  return Fault.from(thrown, thrown instanceof JetStreamApiError ? 'bus_refused' : 'bus_unreachable')
}
