import { createServer } from 'node:net'
import { Client, credentials } from '@grpc/grpc-js'
import { describe, expect, it } from '@jest/globals'
import { adsService } from './ads.ts'
import { cluster, heldBy, route, set, startRig } from './rig.ts'

describe('streams', () => {
  it('belong to the fleet that the node names; node comes only in the first request', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    rig.server.update('g', 7, [set(cluster, 'b', '1')])
    const client = rig.client('p')
    const other = rig.client('q', { node: { id: 'q', cluster: 'g' } })
    client.subscribe(cluster)
    other.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).join() === 'a=1' && heldBy(other, cluster).join() === 'b=1')
    await client.until(() => rig.server.proxies('g')[0]?.acknowledgedCommit === 7)
    expect(rig.server.proxies('f')).toMatchObject([{ proxy: 'p', acknowledgedCommit: 1 }])
  })

  it.each([
    ['a node of no fleet', { typeUrl: cluster, node: { id: 'stranger' } }, 7],
    ['no node', { typeUrl: cluster }, 3],
    ['no type', { node: { id: 'p', cluster: 'f' } }, 3],
  ])('are refused with a status: %s', async (_, request, code) => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.send(request)
    await client.until(() => client.ended !== undefined)
    expect(client.ended?.code).toBe(code)
    expect(rig.server.proxies('f')).toEqual([])
  })

  it('of the state-of-the-world kind are refused with what to configure', async () => {
    await using rig = await startRig()
    const client = new Client(`127.0.0.1:${rig.server.port}`, credentials.createInsecure())
    const { path, requestSerialize, responseDeserialize } = adsService.streamAggregatedResources
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
    const error = await new Promise<{ code: number; message: string }>((resolve) => call.on('error', resolve))
    client.close()
    expect(error.code).toBe(12)
    expect(error.message).toContain('DELTA_GRPC')
  })

  it('that do not answer in time are cut, and their proxy is no longer listed', async () => {
    await using rig = await startRig({ answerTimeoutMs: 80 })
    rig.commit(set(cluster, 'a', '1'))
    const mute = rig.client('mute', { judge: () => 'wait' })
    const good = rig.client('good')
    rig.comesBack(good)
    mute.subscribe(cluster)
    good.subscribe(cluster)
    await mute.until(() => mute.ended !== undefined)
    expect(mute.ended?.code).toBe(4)
    await good.until(() => rig.server.proxies('f').every(({ proxy }) => proxy === 'good'))
    rig.commit(set(cluster, 'a', '2'))
    await good.until(() => heldBy(good, cluster).join() === 'a=2')
  })

  it('on which nothing was ever asked do not hold up the end of the server', async () => {
    const rig = await startRig({ closeTimeoutMs: 100, keepaliveMs: 60_000 })
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client('p')
    // The stream that is open already stays silent.
    client.connect()
    client.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).length === 1)
    await rig.server[Symbol.asyncDispose]()
    await client[Symbol.asyncDispose]()
  }, 15_000)

  it('tell a slow one of two nothing that the other has to wait for', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const slow = rig.client('slow', { judge: () => 'wait' })
    const quick = rig.client('quick')
    slow.subscribe(cluster)
    quick.subscribe(cluster)
    for (let version = 2; version < 20; version += 1) {
      rig.commit(set(cluster, 'a', String(version)))
      await quick.until(() => heldBy(quick, cluster).join() === `a=${version}`)
    }
    expect(slow.responses.length).toBe(1)
    slow.answer()
    await slow.until(() => slow.responses.length === 2)
    slow.answer()
    await slow.until(() => rig.server.proxies('f').every(({ acknowledgedCommit }) => acknowledgedCommit === 19))
  })
})

describe('fleets', () => {
  it('are wanted with their first proxy and no longer some time after the last one', async () => {
    await using rig = await startRig({ fleetIdleMs: 30 })
    const [one, two] = [rig.client('one'), rig.client('two')]
    one.subscribe(cluster)
    two.subscribe(cluster)
    await one.until(() => rig.server.proxies('f').length === 2)
    one.disconnect()
    await one.until(() => rig.server.proxies('f').length === 1)
    two.disconnect()
    await two.until(() => rig.events.includes('unwanted f'))
    expect(rig.events.filter((event) => event.endsWith('wanted f'))).toEqual(['wanted f', 'unwanted f'])
  })

  it('stay when their proxy is back in time', async () => {
    await using rig = await startRig({ fleetIdleMs: 60_000 })
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).length === 1)
    client.disconnect()
    await client.until(() => rig.server.proxies('f').length === 0)
    client.connect()
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
    expect(rig.events.filter((event) => event.endsWith('wanted f'))).toEqual(['wanted f'])
  })

  it('are acknowledged by a proxy that a commit does not concern', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
    const before = client.responses.length
    rig.commit()
    rig.commit(set(route, 'nobody asked', '1'))
    expect(rig.server.proxies('f')[0]?.acknowledgedCommit).toBe(3)
    expect(client.responses.length).toBe(before)
  })
})

describe('acknowledgement', () => {
  it('does not begin before a proxy asked for all types that every proxy asks for', async () => {
    await using rig = await startRig({}, { order: [[{ typeUrl: cluster }], [{ typeUrl: route, expected: true }]] })
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).length === 1)
    await client.until(() => rig.events.length >= 2)
    expect(rig.server.proxies('f')[0]?.acknowledgedCommit).toBe(0)
    client.subscribe(route)
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
  })
})

describe('the server', () => {
  it('says that a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.on('listening', resolve))
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await expect(startRig({}, { port })).rejects.toMatchObject({ code: 'port_in_use' })
    taken.close()
  })

  it('tells proxies to go elsewhere when it closes, at once', async () => {
    const rig = await startRig({ closeTimeoutMs: 60_000 })
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).length === 1)
    await rig.server[Symbol.asyncDispose]()
    expect(client.ended?.code).toBe(14)
    await client[Symbol.asyncDispose]()
  })

  it('writes in the tick of the update', async () => {
    const sent: number[] = []
    const meter = {
      counter: (name: string) => ({ add: (n = 1) => void (name.includes('sent_bytes') && sent.push(n)) }),
      gauge: () => ({ set: () => {}, remove: () => {} }),
      histogram: () => ({ observe: () => {} }),
    }
    await using rig = await startRig({}, { meter })
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
    rig.commit(set(cluster, 'a', '2'))
    expect(sent).toHaveLength(2)
  })
})
