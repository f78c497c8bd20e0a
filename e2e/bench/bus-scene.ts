// A real NATS with n routes on it: a watcher that publishes what it is told, the real translator, and what the streams and
// the translator's own counters say of every change.
import { type Bus, channels, createNatsBus, type JsonObject, type Publisher } from '@penstock/bus'
import { silentLogger } from '@penstock/telemetry'
import { startNatsServer, until } from '@penstock/testkit'
import { startTranslator } from '@penstock/translator'
import { edited, manyRoutes, routeKey } from './many-routes.ts'
import { place } from './place.ts'
import { createTally, type Tally } from './tally.ts'

const config = { controllerName: 'penstock.dev/gateway-controller', fleet: 'local' }
const longMs = 300_000

/** By channel: the sequence of the last message of its stream. */
export type Sequences = Readonly<Record<string, number>>

export interface BusScene extends AsyncDisposable {
  readonly url: string
  /** What the translator that leads has published so far. */
  readonly tally: Tally
  connect(service: string): Promise<Bus>
  sequences(): Promise<Sequences>
  /** Edits a route and waits until its status is out; the last of the translator's two channels. */
  edit(route: number): Promise<void>
  /** The watcher says that everything may have changed, as after a relist, and reads its stream again. */
  relist(): Promise<void>
  /** Another translator comes and reads all; then the one that leads goes, and the other has taken over. */
  changeLeader(): Promise<void>
}

export async function startBusScene(routes: number): Promise<BusScene> {
  await using stack = new AsyncDisposableStack()
  const nats = stack.use(await startNatsServer({ config: 'http: "127.0.0.1:-1"' }))
  const connect = (service: string, tally?: Tally): Promise<Bus> =>
    createNatsBus({ ...place, service, servers: nats.url, logger: silentLogger, ...(tally && { meter: tally.meter }) })
  const resources = manyRoutes(routes)
  const watcher = publish(stack.use(await connect('watcher')), resources)
  let leader = await openTranslator(connect)
  stack.defer(() => leader[Symbol.asyncDispose]())
  await leader.covers(await watcher.settled())
  let edits = 0
  const keep = stack.move()
  return {
    url: nats.url,
    connect,
    get tally() {
      return leader.tally
    },
    sequences: () => sequencesOf(nats.monitoring ?? ''),
    async edit(route) {
      edits += 1
      const key = routeKey(route)
      resources.set(key, edited(resources.get(key) ?? {}, edits))
      watcher.changed([key], Date.now())
      await leader.covers(await watcher.settled())
    },
    async relist() {
      watcher.refresh()
      await leader.covers(await watcher.settled())
    },
    async changeLeader() {
      const next = await openTranslator(connect)
      await next.reads(watcher.stream?.lastCommit ?? 0)
      await leader[Symbol.asyncDispose]()
      leader = next
      await next.covers(watcher.stream?.lastCommit ?? 0)
    },
    [Symbol.asyncDispose]: () => keep.disposeAsync(),
  }
}

function publish(bus: Bus, resources: ReadonlyMap<string, JsonObject>): Publisher {
  const get = (key: string) => {
    const value = resources.get(key)
    return value && { value }
  }
  const state = { get, keys: () => resources.keys(), held: new Set<string>(), inputs: [] }
  const publisher = bus.publish(channels.resource, { state: () => state })
  publisher.refresh()
  return publisher
}

interface RunningTranslator extends AsyncDisposable {
  readonly tally: Tally
  /** Resolves when it has applied this RESOURCE commit. */
  reads(resource: number): Promise<void>
  /** Resolves when it leads and all that comes of this RESOURCE commit is published. */
  covers(resource: number): Promise<void>
}

async function openTranslator(connect: (service: string, tally: Tally) => Promise<Bus>): Promise<RunningTranslator> {
  const tally = createTally()
  const bus = await connect('translator', tally)
  const translator = startTranslator({ bus, config, log: silentLogger, meter: tally.meter })
  const state = (channel: string, does: string): ChannelState =>
    (bus.inspect() as { channels: ChannelState[] }).channels.find(
      (each) => each.channel === channel && each.does === does,
    ) ?? {}
  const reads = (resource: number): Promise<unknown> =>
    until('RESOURCE is read', () => (state('resource', 'follows').applied ?? 0) >= resource, longMs)
  return {
    tally,
    reads: async (resource) => void (await reads(resource)),
    async covers(resource) {
      await reads(resource)
      for (const channel of ['ir', 'status']) {
        const isOut = (): boolean => {
          const { leading, pending, lastCommit = 0 } = state(channel, 'publishes')
          return leading === true && pending === false && lastCommit > 0
        }
        await until(`${channel} is published`, isOut, longMs)
      }
    },
    async [Symbol.asyncDispose]() {
      await translator[Symbol.asyncDispose]()
      await bus[Symbol.asyncDispose]()
    },
  }
}

interface ChannelState {
  readonly channel?: string
  readonly does?: string
  readonly applied?: number
  readonly leading?: boolean
  readonly pending?: boolean
  readonly lastCommit?: number
}

interface JetStreamPage {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly state: { readonly last_seq: number } }[]
  }[]
}

/** As the server itself counts. */
async function sequencesOf(monitoring: string): Promise<Sequences> {
  const response = await fetch(`${monitoring}/jsz?streams=true`)
  const page = (await response.json()) as JetStreamPage
  const streams = (page.account_details ?? []).flatMap(({ stream_detail: found }) => found ?? [])
  const ours = streams.filter(({ name }) => name.startsWith(`${place.install}_`))
  return Object.fromEntries(ours.map(({ name, state }) => [name.split('_')[1], state.last_seq]))
}
