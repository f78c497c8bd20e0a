import { describe, expect, it } from '@jest/globals'
import { silentLogger } from '@penstock/telemetry'
import type { DeltaClient } from './delta-client.ts'
import { streamAgeMs } from './leaving.ts'
import { cluster, heldBy, type Rig, set, startRig, told } from './rig.ts'

const unavailable = 14

/** Clients that have all there is. */
async function startClients(rig: Rig, count: number): Promise<DeltaClient[]> {
  const clients = Array.from({ length: count }, (_, index) => rig.client(`p${index}`))
  for (const client of clients) client.subscribe(cluster)
  await Promise.all(clients.map((client) => client.until(() => heldBy(client, cluster).length === 1)))
  return clients
}

describe('a connection that has reached its age', () => {
  it.each([
    [0, 80],
    [0.5, 100],
    [1, 120],
  ])('has one of its own, a fifth off at most: %d', (random, age) => {
    expect(streamAgeMs(100, () => random)).toBeCloseTo(age)
  })

  it('is left by its proxy for a new one, and nothing is sent again', async () => {
    const peers = new Set<unknown>()
    const info = (_: string, fields?: Record<string, unknown>): unknown => fields?.['peer'] && peers.add(fields['peer'])
    const logger = { ...silentLogger, info, child: () => logger }
    await using rig = await startRig({ connectionAgeMs: 300 }, { logger })
    rig.commit(set(cluster, 'a', '1'))
    const clients = await startClients(rig, 10)
    await Promise.all(
      clients.map(async (client) => {
        await client.until(() => client.ended !== undefined)
        expect(client.ended?.code).toBe(unavailable)
        client.connect()
      }),
    )
    await Promise.all(clients.map((client) => client.until(() => rig.server.proxies('f').length === 10)))
    rig.commit(set(cluster, 'a', '2'))
    await Promise.all(clients.map((client) => client.until(() => heldBy(client, cluster).join() === 'a=2')))
    for (const client of clients) expect(told(client)).toEqual(['Cluster +a=1', 'Cluster +a=2'])
    expect(peers.size).toBe(20)
  })

  it('serves what changes until its stream ends', async () => {
    await using rig = await startRig({ connectionAgeMs: 400 })
    rig.commit(set(cluster, 'a', '0'))
    const [client] = await startClients(rig, 1)
    if (!client) throw new Error('there is one')
    for (let version = 1; client.ended === undefined; version += 1) {
      rig.commit(set(cluster, 'a', String(version)))
      await client.until(() => heldBy(client, cluster).join() === `a=${version}` || client.ended !== undefined)
    }
  })
})

describe('a server that leaves', () => {
  it('sends its proxies elsewhere one after the other, serves the rest meanwhile, and lets nobody in', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const clients = await startClients(rig, 8)
    const drained = rig.server.drain(400)
    const ends = clients.map(async (client) => {
      await client.until(() => client.ended !== undefined)
      expect(client.ended?.code).toBe(unavailable)
    })
    // Has what changes after the first of them has gone.
    const last = clients.at(-1)
    await last?.until(() => rig.server.proxies('f').length < 8)
    rig.commit(set(cluster, 'a', '2'))
    await last?.until(() => heldBy(last, cluster).join() === 'a=2')
    const late = rig.client('late')
    late.subscribe(cluster)
    await late.until(() => late.ended !== undefined)
    expect(late.ended?.code).toBe(unavailable)
    await Promise.all([drained, ...ends])
    expect(rig.server.proxies('f')).toEqual([])
  })

  it('has no time to lose when nobody is there', async () => {
    await using rig = await startRig()
    await rig.server.drain(60_000)
  })

  it('ends in time though a proxy goes on holding its connection', async () => {
    const rig = await startRig({ closeTimeoutMs: 100 })
    rig.commit(set(cluster, 'a', '1'))
    const [client] = await startClients(rig, 1)
    // A stream on which nothing is ever asked keeps the connection open.
    client?.connect()
    await rig.server.drain(50)
    await rig.server[Symbol.asyncDispose]()
    await client?.until(() => client.ended !== undefined)
    await client?.[Symbol.asyncDispose]()
  }, 5_000)
})
