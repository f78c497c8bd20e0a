// A NATS that grows from one server to three, and shrinks again, under a writer that never rests; and who keeps how many copies
// there are.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type Logger, silentLogger } from '@penstock/telemetry'
import { type NatsCluster, startNatsCluster, until } from '@penstock/testkit'
import type { Bus, Lead } from './bus.ts'
import { burning, goesOn } from './contract/fire.ts'
import { type ClientOptions, quick } from './contract/rig.ts'
import { createSource, textsOf, write } from './contract/scene.ts'
import { createNatsBus } from './nats-bus.ts'

jest.setTimeout(180_000)

let cluster: NatsCluster
const ended: AsyncDisposable[] = []

beforeEach(async () => {
  cluster = await startNatsCluster()
})
afterEach(async () => {
  await Promise.all(ended.splice(0).map((part) => part[Symbol.asyncDispose]()))
  await cluster[Symbol.asyncDispose]()
})

const rig = {
  install: 'copies',
  async connect(options: ClientOptions = {}): Promise<Bus> {
    const { settings, service = 'writer', source = 'local', logger = silentLogger } = options
    const place = { install: rig.install, service, source }
    const own = { ...quick, replicas: 3, keepMs: 200, pingMs: 300, ...settings }
    const bus = await createNatsBus({ servers: cluster.urls, ...place, settings: own, logger })
    ended.push(bus)
    return bus
  },
}

const streams = [`${rig.install}_notes_v1_local`, `KV_${rig.install}_leases`]

/** A client that is no service of ours. */
async function observe(): Promise<NatsConnection> {
  const nats = await connect({ servers: [...cluster.urls] })
  ended.push({ [Symbol.asyncDispose]: () => nats.close() })
  return nats
}

const copiesAre = (wanted: number): Promise<unknown> =>
  until(
    `streams and leases have ${wanted} copies`,
    async () => (await copies()).every((each) => each === wanted),
    60_000,
  )

async function copies(): Promise<number[]> {
  const nats = await connect({ servers: [...cluster.urls] })
  try {
    const manager = await jetstreamManager(nats, { timeout: 1_000, checkAPI: false })
    return (await Promise.all(streams.map((name) => manager.streams.info(name)))).map(
      ({ config }) => config.num_replicas,
    )
  } catch {
    return [0]
  } finally {
    await nats.close()
  }
}

const allDown = (): Promise<unknown> => Promise.all(cluster.names.map((name) => cluster.kill(name)))

async function alone(): Promise<void> {
  await allDown()
  await cluster.startAlone('n1')
}

/** The one that ran alone begins with an empty store: NATS does not make its streams those of the cluster. */
async function together(): Promise<void> {
  await allDown()
  await cluster.wipe('n1')
  await Promise.all(cluster.names.map((name) => cluster.start(name)))
  await cluster.ready()
}

describe('one server that becomes three, and one again', () => {
  it('goes on', async () => {
    await allDown()
    await Promise.all(cluster.names.map((name) => cluster.wipe(name)))
    await cluster.startAlone('n1')
    const world = await burning(rig)
    for (const become of [together, alone, together]) {
      await goesOn(world)
      await become()
      await goesOn(world)
      if (become === together) await copiesAre(3)
    }
    const id = await world.pen.rest()
    for (const { follower, texts, commits } of world.readers) {
      await until('the last commit is applied', () => follower.applied >= id, 60_000)
      expect(texts).toEqual(textsOf(world.source))
      // Nobody ever saw less than there was.
      expect(commits.flatMap(({ changes }) => changes).filter(({ key }) => key === 'fixed/1')).toHaveLength(1)
    }
  })
})

describe('a service that is told another number of copies', () => {
  it('brings the streams and leases that exist to it', async () => {
    for (const replicas of [1, 3, 1]) {
      await using bus = await rig.connect({ settings: { replicas } })
      const { publisher } = write(bus, createSource({ 'a/1': 'one' }))
      await publisher.settled()
      await copiesAre(replicas)
    }
  })
})

describe('copies that somebody else changes', () => {
  it('are brought back by who leads', async () => {
    const bus = await rig.connect()
    await write(bus, createSource({ 'a/1': 'one' })).publisher.settled()
    await copiesAre(3)
    const nats = await observe()
    const manager = await jetstreamManager(nats, { timeout: 5_000, checkAPI: false })
    for (const stream of streams) {
      expect((await manager.streams.update(stream, { num_replicas: 1 })).config.num_replicas).toBe(1)
    }
    await copiesAre(3)
  })
})

describe('services that are told different numbers of copies', () => {
  it('have them changed by the leader of one alone', async () => {
    const nats = await observe()
    const presence = `${rig.install}_presence_v1_local`
    const shared = [presence, `KV_${rig.install}_leases`]
    const asked = (what: string, stream: string) => nats.subscribe(`$JS.API.STREAM.${what}.${stream}`)
    const manager = await jetstreamManager(nats, { timeout: 5_000, checkAPI: false })
    const copiesOf = async () => {
      const infos = shared.map((stream) => manager.streams.info(stream).catch(() => undefined))
      return (await Promise.all(infos)).map((info) => info?.config.num_replicas)
    }
    const areAll = async (copies: number) => (await copiesOf()).every((each) => each === copies)

    const one = await rig.connect({ service: 'translator', settings: { replicas: 1 } })
    const lead = one.lead({})
    await until('the first leads', () => lead.held)
    await until('the streams are there', () => areAll(1), 60_000)
    const looks = asked('INFO', presence)
    const changes = shared.map((stream) => asked('UPDATE', stream))
    const watcher = (await rig.connect({ service: 'watcher', settings: { replicas: 3 } })).lead({})
    const two = await rig.connect({ service: 'translator', settings: { replicas: 3 } })
    two.lead({})
    await until('the other service leads too', () => watcher.held)
    await until('all looked often', () => looks.getReceived() >= 20, 60_000)
    expect([...changes.map((each) => each.getReceived()), ...(await copiesOf())]).toEqual([0, 0, 1, 1])

    await one[Symbol.asyncDispose]()
    await until('the second has its own number', () => areAll(3), 60_000)
  })
})

describe('clusters that are told different numbers of copies', () => {
  it('do not fight for the bucket that they share', async () => {
    const nats = await observe()
    const bucket = `KV_${rig.install}_leases`
    const [looks, changes] = ['INFO', 'UPDATE'].map((what) => nats.subscribe(`$JS.API.STREAM.${what}.${bucket}`))
    const leadOf = async (source: string, replicas: number): Promise<Lead> =>
      (await rig.connect({ service: 'translator', source, settings: { replicas, keepMs: 50 } })).lead({})
    const leads = [await leadOf('one', 1), await leadOf('two', 3)]
    await until('both lead', () => leads.every((lead) => lead.held))
    await until('both looked often', () => (looks?.getReceived() ?? 0) >= 150, 60_000)
    const count = changes?.getReceived()
    expect(count).toBeGreaterThan(1)
    // Each after twice as many looks as the last.
    expect(count).toBeLessThanOrEqual(12)
  })
})

describe('copies that NATS cannot add', () => {
  it('are told once, and hardly said again', async () => {
    await allDown()
    await cluster.startAlone('n1')
    const first = await rig.connect({ settings: { replicas: 1 } })
    await write(first, createSource({ 'a/1': 'one' })).publisher.settled()
    await first[Symbol.asyncDispose]()
    const [loud, low] = [[] as unknown[], [] as unknown[]]
    const isOurs = (fields: unknown): boolean =>
      JSON.stringify(fields).includes(`${rig.install}_notes_v1_local, 3 copies`)
    const into = (lines: unknown[]) => (_event: string, fields: unknown) => void (isOurs(fields) && lines.push(fields))
    const logger: Logger = {
      ...silentLogger,
      warn: into(loud),
      error: into(loud),
      debug: into(low),
      child: () => logger,
    }
    const second = await rig.connect({ logger })
    await write(second, createSource({ 'a/1': 'one' })).publisher.settled()
    await until('it was tried again', () => low.length >= 3)
    expect(loud).toHaveLength(1)
  })
})
