// Three servers with a copy of each stream on every one, killed one after the other under a writer that never rests.
// Elections take their seconds, so the short form leaves out what is likest to the rest: `BUS_FIRE=full` does all of it,
// three times.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { type NatsCluster, startNatsCluster, until } from '@penstock/testkit'
import type { Bus } from './bus.ts'
import { burning, expectSurvived, fire, goesOn } from './contract/fire.ts'
import { type ClientOptions, quick } from './contract/rig.ts'
import { createNatsBus } from './nats-bus.ts'

jest.setTimeout(120_000 * fire.times)

const [inFull, when] = fire.times > 1 ? [it, ''] : [it.skip, ' (with BUS_FIRE=full)']

let cluster: NatsCluster
let installs = 0
const ended: AsyncDisposable[] = []

beforeAll(async () => {
  cluster = await startNatsCluster()
})
afterAll(async () => cluster[Symbol.asyncDispose]())
beforeEach(() => {
  installs += 1
})
afterEach(async () => {
  await Promise.all(ended.splice(0).map((part) => part[Symbol.asyncDispose]()))
  await Promise.all(cluster.names.filter((name) => !isUp(name)).map((name) => cluster.start(name)))
  await cluster.ready()
})

function isUp(name: string): boolean {
  try {
    return cluster.server(name).pid > 0
  } catch {
    return false
  }
}

const rig = {
  get install() {
    return `cluster-${installs}`
  },
  async connect({ settings, service = 'writer' }: ClientOptions = {}): Promise<Bus> {
    const bus = await createNatsBus({
      servers: cluster.urls,
      install: rig.install,
      service,
      source: 'local',
      settings: { ...quick, replicas: 3, pingMs: 300, ...settings },
    })
    ended.push(bus)
    return bus
  },
}

/** The server that leads the stream, as another server that is up tells. */
async function streamLeader(stream = `${rig.install}_notes_v1_local`): Promise<string> {
  const servers = cluster.names.filter(isUp).map((name) => cluster.server(name).url)
  const nats = await connect({ servers })
  try {
    const manager = await jetstreamManager(nats, { timeout: 500, checkAPI: false })
    return await until('the stream has a leader', async () => {
      const info = await manager.streams.info(stream).catch(() => undefined)
      return info?.cluster?.leader
    })
  } finally {
    await nats.close()
  }
}

const otherThan = (...names: (string | undefined)[]): string =>
  cluster.names.find((name) => !names.includes(name)) as string

async function killed(names: readonly string[], meanwhile: () => Promise<void>): Promise<void> {
  await Promise.all(names.map((name) => cluster.kill(name)))
  await meanwhile()
  await Promise.all(names.map((name) => cluster.start(name)))
}

interface Candidates {
  /** How many hold the lease now. */
  readonly leading: number
  /** There were never two of them, and terms only grew. */
  expectLawful(): void
}

/** Two processes that stand for the same lease, watched. */
async function twoCandidates(): Promise<Candidates> {
  const terms: number[] = []
  const onLead = (term: number): void => void terms.push(term)
  const service = 'candidate'
  const leads = [await rig.connect({ service }), await rig.connect({ service })].map((bus) => bus.lead({ onLead }))
  const leading = (): number => leads.filter((lead) => lead.held).length
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, leading())
  }, 2)
  ended.push({ [Symbol.asyncDispose]: async () => clearInterval(watch) })
  return {
    get leading() {
      return leading()
    },
    expectLawful() {
      expect(most).toBe(1)
      expect(terms).toEqual([...new Set(terms)].sort((a, b) => a - b))
    },
  }
}

describe('of three servers', () => {
  it('the leader of the stream is killed: another leads it, and later it is back', async () => {
    const world = await burning(rig)
    for (let time = 0; time < fire.times; time += 1) {
      await goesOn(world)
      await killed([await streamLeader()], () => goesOn(world))
      await goesOn(world)
    }
    await expectSurvived(rig, world)
  })

  inFull(`one that only follows, or the leader of the cluster, is killed: hardly anybody notices${when}`, async () => {
    const world = await burning(rig)
    for (let time = 0; time < fire.times; time += 1) {
      const leader = await streamLeader()
      const meta = await cluster.metaLeader()
      await killed([otherThan(leader, meta)], () => goesOn(world))
      await goesOn(world)
      const next = await until('the cluster has a leader', () => cluster.metaLeader())
      await killed([next], () => goesOn(world))
      await goesOn(world)
    }
    await expectSurvived(rig, world)
  })

  it('two are killed at once: writes wait, readers keep what they have, and all of it arrives afterwards', async () => {
    const world = await burning(rig)
    const candidates = await twoCandidates()
    for (let time = 0; time < fire.times; time += 1) {
      await goesOn(world)
      const leader = await streamLeader()
      await killed([leader, otherThan(leader)], async () => {
        await until('nobody can lead', () => !world.writer.publisher.leading && candidates.leading === 0)
        expect(world.readers.every(({ follower, texts }) => follower.synced && texts['fixed/1'] === 'stays')).toBe(true)
        world.source.set('meanwhile/1', `${time}`)
        world.writer.publisher.changed(['meanwhile/1'])
      })
      await until(
        'the edit arrives',
        () => world.readers.every(({ texts }) => texts['meanwhile/1'] === `${time}`),
        60_000,
      )
      await until('one leads again', () => candidates.leading === 1, 60_000)
      await goesOn(world)
    }
    candidates.expectLawful()
    await expectSurvived(rig, world)
  })

  inFull(
    `the leader of the leases is killed: one process leads, with a higher term, and never two${when}`,
    async () => {
      const candidates = await twoCandidates()
      for (let time = 0; time < fire.times; time += 1) {
        await until('one leads', () => candidates.leading === 1, 60_000)
        await killed([await streamLeader(`KV_${rig.install}_leases`)], () =>
          until('one leads', () => candidates.leading === 1, 60_000).then(() => {}),
        )
      }
      candidates.expectLawful()
    },
  )
})
