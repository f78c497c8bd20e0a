import { describe, expect, it } from '@jest/globals'
import { type Logger, silentLogger } from '@penstock/telemetry'
import type { DeltaClient } from './delta-client.ts'
import { streamAgeMs } from './leaving.ts'
import { cluster, heldBy, type Rig, set, startRig, told } from './rig.ts'

const unavailable = 14

function startClients(rig: Rig, count: number): DeltaClient[] {
  const clients = Array.from({ length: count }, (_, index) => rig.client(`p${index}`))
  for (const client of clients) client.subscribe(cluster)
  return clients
}

const have = (clients: readonly DeltaClient[], all: string): Promise<unknown> =>
  Promise.all(clients.map((client) => client.until(() => heldBy(client, cluster).join() === all)))

const acknowledged = (rig: Rig, commit: number): number =>
  rig.server.proxies('f').filter(({ acknowledgedCommit }) => acknowledgedCommit === commit).length

describe('a connection that has reached its age', () => {
  it.each([
    [0, 80],
    [0.5, 100],
    [1, 120],
  ])('has one of its own, a fifth off at most: %d', (random, age) => {
    expect(streamAgeMs(100, () => random)).toBeCloseTo(age)
  })

  it('is left by its proxy for a new one, and nothing is sent again', async () => {
    const connections = new Map<unknown, Set<unknown>>()
    const child = ({ proxy }: Record<string, unknown>): Logger => {
      const peers = connections.get(proxy) ?? new Set()
      connections.set(proxy, peers)
      return { ...silentLogger, info: (_, fields) => void (fields?.['peer'] && peers.add(fields['peer'])) }
    }
    await using rig = await startRig({ connectionAgeMs: 300 }, { logger: { ...silentLogger, child } })
    rig.commit(set(cluster, 'a', '1'))
    const clients = startClients(rig, 10)
    const ends = clients.map((client) => rig.comesBack(client))
    await have(clients, 'a=1')
    const haveMoved = (): boolean => [...connections.values()].every(({ size }) => size > 1)
    await Promise.all(clients.map((client) => client.until(haveMoved)))
    rig.commit(set(cluster, 'a', '2'))
    await have(clients, 'a=2')
    for (const client of clients) expect(told(client)).toEqual(['Cluster +a=1', 'Cluster +a=2'])
    expect(new Set(ends.flat())).toEqual(new Set([unavailable]))
  })

  it('serves what changes until its stream ends', async () => {
    await using rig = await startRig({ connectionAgeMs: 400 })
    const [client] = startClients(rig, 1)
    if (!client) throw new Error('there is one')
    for (let version = 0; client.ended === undefined; version += 1) {
      rig.commit(set(cluster, 'a', String(version)))
      await client.until(() => heldBy(client, cluster).join() === `a=${version}` || client.ended !== undefined)
    }
  })
})

describe('a server that leaves', () => {
  it('sends its proxies elsewhere one after the other, serves the rest meanwhile, and lets nobody in', async () => {
    const leftMs: number[] = []
    const onProxy = (_fleet: string, _node: unknown, connected: boolean): void => {
      if (connected) return
      // Before any other has gone, however late this process gets its turn.
      if (leftMs.push(performance.now()) === 1) rig.commit(set(cluster, 'a', '2'))
    }
    const events = { onProxy, onFleet: () => {}, onProxies: () => {} }
    await using rig = await startRig({}, { events })
    rig.commit(set(cluster, 'a', '1'))
    const clients = startClients(rig, 8)
    await clients[0]?.until(() => acknowledged(rig, 1) === 8)
    const startedMs = performance.now()
    const drained = rig.server.drain(400)
    const ends = clients.map(async (client) => {
      await client.until(() => client.ended !== undefined)
      expect(client.ended?.code).toBe(unavailable)
    })
    await have(clients.slice(1), 'a=2')
    const late = rig.client('late')
    late.subscribe(cluster)
    await late.until(() => late.ended !== undefined)
    expect(late.ended?.code).toBe(unavailable)
    await Promise.all([drained, ...ends])
    // At the earliest: 50 ms from one to the next.
    for (const [position, ms] of leftMs.entries()) expect(ms - startedMs).toBeGreaterThan(50 * position - 5)
    expect(rig.server.proxies('f')).toEqual([])
  })

  it('has no time to lose when nobody is there', async () => {
    await using rig = await startRig()
    await rig.server.drain(60_000)
  })

  it('ends in time though a proxy goes on holding its connection', async () => {
    const rig = await startRig({ closeTimeoutMs: 100 })
    rig.commit(set(cluster, 'a', '1'))
    const clients = startClients(rig, 1)
    await have(clients, 'a=1')
    const [client] = clients
    // A stream on which nothing is ever asked keeps the connection open.
    client?.connect()
    await rig.server.drain(50)
    await rig.server[Symbol.asyncDispose]()
    await client?.until(() => client.ended !== undefined)
    await client?.[Symbol.asyncDispose]()
  }, 15_000)
})
