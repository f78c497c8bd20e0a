import { once } from 'node:events'
import { connect } from 'node:net'
import { status } from '@grpc/grpc-js'
import { describe, expect, it } from '@jest/globals'
import { type Meter, silentMeter } from '@penstock/telemetry'
import type { PeerIdentity } from './admission.ts'
import { createDeltaChannel } from './delta-stream.ts'
import type { DeltaClient } from './index.ts'
import { cluster, heldBy, listener, type Rig, set, startRig } from './rig.ts'
import type { XdsSettings } from './settings.ts'
import type { XdsServerOptions } from './xds-server.ts'

type Refused = Map<string, number>

async function startCounting(
  settings: Partial<XdsSettings>,
  more: Partial<XdsServerOptions> = {},
): Promise<{ rig: Rig; refused: Refused }> {
  const refused: Refused = new Map()
  const meter: Meter = {
    ...silentMeter,
    counter: (name) => ({
      add(amount = 1, { reason = '' } = {}) {
        if (name === 'penstock_xds_refused_total') refused.set(reason, (refused.get(reason) ?? 0) + amount)
      },
    }),
  }
  const rig = await startRig(settings, { ...more, meter })
  rig.commit(set(cluster, 'a', 'x'))
  return { rig, refused }
}

const metadata = { blob: 'x'.repeat(2_000) }
const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `name-${from + at}`)
const node = { id: 'p', cluster: 'f' }

const small: Partial<XdsSettings> = {
  ...{
    maxRequestBytes: 100_000,
    maxNames: 100,
    maxNamesLength: 10_000,
    maxNameLength: 200,
    maxTypes: 3,
    maxMetadataBytes: 1_000,
  },
  ...{ maxStreamsPerFleet: 3, maxStreamsPerConnection: 2 },
}

const letGo =
  (...left: string[]) =>
  (client: DeltaClient): void =>
    client.send({ node, typeUrl: cluster, resourceNamesUnsubscribe: left })

const invalid = status.INVALID_ARGUMENT
const exhausted = status.RESOURCE_EXHAUSTED

describe('a proxy that asks for too much', () => {
  it.each<[string, status, string, (client: DeltaClient) => void]>([
    ['no type', invalid, 'no_type', (client) => client.send({ node })],
    ['a type without end', invalid, 'type_too_long', (client) => client.send({ node, typeUrl: 't'.repeat(300) })],
    ['no node', invalid, 'no_node', (client) => client.send({ typeUrl: cluster })],
    [
      'a node that is too large',
      invalid,
      'node_too_large',
      (client) => client.send({ typeUrl: cluster, node: { ...node, metadata } }),
    ],
    [
      'a name that is too long for a node',
      invalid,
      'node_too_large',
      (client) => client.send({ typeUrl: cluster, node: { id: 'p'.repeat(600), cluster: 'f' } }),
    ],
    [
      'another node than before',
      invalid,
      'node_changed',
      (client) => {
        client.subscribe(cluster)
        client.send({ typeUrl: listener, node: { id: 'q', cluster: 'f' } })
      },
    ],
    ['a name without end', invalid, 'name_too_long', (client) => client.subscribe(cluster, 'n'.repeat(300))],
    ['too many names at once', exhausted, 'too_many_names', (client) => client.subscribe(cluster, ...names(101))],
    [
      'too many names one after the other',
      exhausted,
      'too_many_names',
      (client) => {
        client.subscribe(cluster, ...names(60))
        client.subscribe(listener, ...names(60, 60))
      },
    ],
    ['a name without end that it lets go', invalid, 'name_too_long', letGo('n'.repeat(300))],
    ['too many names let go at once', exhausted, 'too_many_names', letGo(...names(101))],
    [
      'too many names let go one after the other, and not answered',
      exhausted,
      'too_many_names',
      (client) => {
        client.subscribe(cluster)
        for (let from = 0; from < 300; from += 50) letGo(...names(50, from))(client)
        client.subscribe(cluster, 'a')
      },
    ],
    [
      'too many names brought, type by type',
      exhausted,
      'too_many_names',
      (client) => {
        for (const type of [cluster, listener]) {
          const brought = Object.fromEntries(names(60).map((name) => [name, '1']))
          client.send({ node, typeUrl: type, initialResourceVersions: brought })
        }
      },
    ],
    [
      'too many characters of names',
      exhausted,
      'too_many_names',
      (client) => client.subscribe(cluster, ...names(60).map((name) => name.padEnd(180, 'x'))),
    ],
    [
      'too many types',
      exhausted,
      'too_many_types',
      (client) => {
        for (const type of names(4)) client.subscribe(`t/${type}`)
      },
    ],
    [
      'too many bytes',
      exhausted,
      'request_too_large',
      (client) => client.send({ typeUrl: cluster, node, responseNonce: 'x'.repeat(200_000) }),
    ],
    [
      'a fleet of nobody',
      status.PERMISSION_DENIED,
      'no_fleet_asked',
      (client) => client.send({ typeUrl: cluster, node: { id: 'p' } }),
    ],
  ])('%s: is told so, counted, and gone, and others are served', async (_, code, reason, ask) => {
    const { rig, refused } = await startCounting(small)
    await using open = rig
    const good = open.client('good')
    good.subscribe(cluster)
    const greedy = open.client('p')
    ask(greedy)
    await greedy.until(() => greedy.ended !== undefined)
    expect(greedy.ended?.code).toBe(code)
    expect([...refused]).toEqual([[reason, 1]])
    await good.until(() => heldBy(good, cluster).join() === 'a=x')
    await good.until(() => open.server.proxies('f').length === 1)
  })

  it('may ask again and again for the same, and for others once it lets go', async () => {
    const { rig, refused } = await startCounting(small)
    await using open = rig
    const client = open.client('p')
    for (let from = 0; from < 500; from += 50) {
      client.subscribe(cluster, ...names(50, from))
      client.subscribe(cluster, ...names(50, from))
      client.unsubscribe(cluster, ...names(50, from))
    }
    client.subscribe(cluster, 'a')
    await client.until(() => heldBy(client, cluster).join() === 'a=x')
    expect([...refused]).toEqual([])
  })

  it('has a limit for its fleet, which another fleet does not feel', async () => {
    const { rig, refused } = await startCounting(small)
    await using open = rig
    const proxies = ['1', '2', '3', '4'].map((id) => {
      const client = open.client(id)
      client.subscribe(cluster)
      return client
    })
    const [first] = proxies
    await first?.until(() => proxies.some(({ ended }) => ended?.code === exhausted))
    expect([...refused]).toEqual([['fleet_full', 1]])
    open.server.update('g', 1, [set(cluster, 'b', 'y')])
    const other = open.client('other', { node: { id: 'other', cluster: 'g' } })
    other.subscribe(cluster)
    await other.until(() => heldBy(other, cluster).join() === 'b=y')
  })

  it('is refused when it waits for its fleet with too many names of all kinds', async () => {
    const { rig, refused } = await startCounting(small)
    await using open = rig
    const client = open.client('p', { node: { id: 'p', cluster: 'unknown' } })
    const unknown = { id: 'p', cluster: 'unknown' }
    for (let from = 0; from < 150; from += 50) {
      client.send({ node: unknown, typeUrl: cluster, resourceNamesUnsubscribe: names(50, from) })
    }
    client.send({ typeUrl: cluster, resourceNamesSubscribe: ['a'] })
    await client.until(() => client.ended?.code === exhausted)
    expect([...refused]).toEqual([['too_many_names', 1]])
  })

  it.each<[string, Partial<XdsSettings>, 'one' | 'each']>([
    ['too_many_streams', { maxStreamsPerConnection: 2 }, 'one'],
    ['server_full', { maxStreams: 2 }, 'each'],
  ])('%s, though all streams were open before the first was let in', async (reason, settings, connections) => {
    let begun = 0
    const identify = (): Promise<PeerIdentity> => {
      begun += 1
      return Promise.resolve({ fleet: 'f', expiresMs: Infinity })
    }
    const { rig, refused } = await startCounting(settings, { identify })
    await using open = rig
    const { port } = open.server
    const watcher = open.client()
    const shared = createDeltaChannel({ port })
    const channels = names(5).map(() => (connections === 'one' ? shared : createDeltaChannel({ port })))
    const served = new Set<number>()
    const ended = new Set<number>()
    const streams = channels.map((channel, at) =>
      channel.open({ onResponse: () => served.add(at), onEnd: () => ended.add(at) }),
    )
    await watcher.until(() => begun === 1 + streams.length)
    for (const stream of streams) stream.send({ node, typeUrl: cluster })
    await watcher.until(() => served.size === 2 && ended.size === 3)
    expect([...refused]).toEqual([[reason, 3]])
    for (const channel of [shared, ...channels]) channel.close()
  })

  it('waits when it asks too fast, and is answered', async () => {
    const { rig } = await startCounting({ maxRequestsPerSecond: 100 })
    await using open = rig
    const client = open.client('p')
    const start = performance.now()
    for (const name of names(250)) client.subscribe(cluster, name)
    client.subscribe(cluster, 'a')
    await client.until(() => heldBy(client, cluster).join() === 'a=x')
    expect(performance.now() - start).toBeGreaterThan(1_000)
  })

  it('is refused when it waits for its fleet with more than is worth keeping', async () => {
    const { rig, refused } = await startCounting({ maxWaiting: 10 })
    await using open = rig
    const client = open.client('p', { node: { id: 'p', cluster: 'unknown' } })
    for (const name of names(20)) client.subscribe(cluster, name)
    await client.until(() => client.ended?.code === exhausted)
    expect([...refused]).toEqual([['too_many_requests', 1]])
  })
})

describe('a connection without a stream', () => {
  it('is closed after a while', async () => {
    const { rig, refused } = await startCounting({ strangerMs: 50 })
    await using open = rig
    const socket = connect(open.server.port, '127.0.0.1')
    socket.resume()
    await once(socket, 'close')
    expect([...refused]).toEqual([['no_stream', 1]])
  })

  it('gives its name to a newer one from the same address and port, and is closed', async () => {
    await using open = await startRig({}, { host: '0.0.0.0' })
    const { port } = open.server
    const first = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.1' }).on('error', () => {})
    first.resume()
    await once(first, 'connect')
    const closed = once(first, 'close')
    const second = connect({ port, host: '127.0.0.2', localAddress: '127.0.0.1', localPort: first.localPort ?? 0 })
    await Promise.all([once(second, 'connect'), closed])
    expect(second.destroyed).toBe(false)
    second.destroy()
  })

  it('makes room for newer ones when there are too many, and never for one that is served', async () => {
    const { rig, refused } = await startCounting({ maxStrangers: 3 })
    await using open = rig
    const good = open.client('good')
    good.subscribe(cluster)
    await good.until(() => heldBy(good, cluster).length === 1)
    const sockets = names(10).map(() => connect(open.server.port, '127.0.0.1').on('error', () => {}))
    await good.until(() => refused.get('too_many_strangers') === 7)
    const late = open.client('late')
    late.subscribe(cluster)
    await late.until(() => heldBy(late, cluster).length === 1)
    expect(good.ended).toBeUndefined()
    for (const socket of sockets) socket.destroy()
  })
})
