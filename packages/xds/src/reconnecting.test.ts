import { describe, expect, it } from '@jest/globals'
import { cluster, endpoints, gone, heldBy, listener, route, scope, secret, set, startRig, told } from './rig.ts'

describe('a reconnect', () => {
  it('brings what the client holds: equal is not sent, changed and new are, gone is removed', async () => {
    await using rig = await startRig()
    rig.commit(...['a', 'b', 'c'].map((name) => set(cluster, name, '1')), set(route, 'r', '1'), set(route, 'q', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    client.subscribe(route, 'r', 'q')
    await client.until(() => client.responses.length === 2)
    client.disconnect()
    rig.commit(set(cluster, 'b', '2'), gone(cluster, 'c'), set(cluster, 'd', '1'), gone(route, 'q'))
    client.connect()
    await client.until(() => heldBy(client, cluster).join() === 'a=1,b=2,d=1' && heldBy(client, route).join() === 'r=1')
    expect(told(client).slice(2)).toEqual(['Cluster +b=2 +d=1', 'Route -q', 'Cluster -c'])
  })

  it('to another server that is at the same content sends nothing at all', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(endpoints, 'a', '1'), set(route, 'r', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    client.subscribe(endpoints, 'a')
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 3)
    client.disconnect()
    client.connect()
    client.subscribe(secret, 'sync')
    await client.until(() => client.responses.length === 4)
    expect(told(client).slice(3)).toEqual(['Secret -sync'])
    await client.until(() => rig.server.proxies('f').some((proxy) => proxy.acknowledgedCommit === 1))
  })

  it('asks for scopes before their tables, and yet gets the tables first', async () => {
    const ordered = [[{ typeUrl: route }], [{ typeUrl: scope, names: route }]]
    await using rig = await startRig({}, { order: ordered })
    rig.commit(set(scope, 'a', '1'), set(route, 'r', '1'))
    const client = rig.client()
    client.subscribe(scope)
    await client.until(() => client.responses.length === 1)
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 2)
    client.disconnect()
    rig.commit(set(scope, 'b', '1'), set(route, 'r', '2'))
    client.connect()
    await client.until(() => client.responses.length === 4)
    expect(told(client)).toEqual(['Scope +a=1', 'Route +r=1', 'Route +r=2', 'Scope +b=1'])
  })

  it('has acknowledged nothing before it asked for what hangs on what it brought', async () => {
    const ordered = [[{ typeUrl: listener, entails: scope }], [{ typeUrl: scope, names: route }, { typeUrl: route }]]
    await using rig = await startRig({}, { order: ordered })
    rig.commit(set(listener, 'l', '1'), set(scope, 's', '1'), set(route, 'r', '1'))
    const client = rig.client()
    const acknowledged = (): number | undefined => rig.server.proxies('f').at(-1)?.acknowledgedCommit
    const node = { id: 'p', cluster: 'f' }
    client.send({ node, typeUrl: listener, initialResourceVersions: { l: '1' } })
    await client.until(() => rig.server.proxies('f').length === 1)
    expect(acknowledged()).toBe(0)
    rig.commit(set(route, 'r', '2'))
    expect(acknowledged()).toBe(0)
    client.send({ typeUrl: scope, initialResourceVersions: { s: '1' } })
    client.send({ typeUrl: route, resourceNamesSubscribe: ['r'], initialResourceVersions: { r: '1' } })
    await client.until(() => client.responses.length === 1)
    await client.until(() => acknowledged() === 2)
    expect(told(client)).toEqual(['Route +r=2'])
  })

  it('a first request with nonce and version of a dead server is a new one (osm 3252)', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    const node = { id: 'p', cluster: 'f' }
    client.send({ node, typeUrl: cluster, responseNonce: '17', initialResourceVersions: { a: 'of another server' } })
    await client.until(() => client.responses.length === 1)
    expect(told(client)).toEqual(['Cluster +a=1'])
  })

  it('endpoints are sent though equal, if their cluster was sent on this stream (java 127, envoy 33607)', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(endpoints, 'a', '1'), set(cluster, 'b', '1'), set(endpoints, 'b', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    client.subscribe(endpoints, 'a', 'b')
    await client.until(() => client.responses.length === 2)
    client.disconnect()
    rig.commit(set(cluster, 'a', '2'))
    client.connect()
    await client.until(() => client.responses.length === 4)
    expect(told(client).slice(2)).toEqual(['Cluster +a=2', 'Endpoints +a=1'])
  })
})

describe('before the first update of a fleet', () => {
  it('nothing is served; then everything that was asked for is', async () => {
    await using rig = await startRig()
    const client = rig.client()
    client.subscribe(cluster)
    client.subscribe(secret, 't')
    await client.until(() => rig.server.proxies('f').length === 1)
    expect(client.responses).toEqual([])
    expect(rig.server.proxies('f')[0]?.acknowledgedCommit).toBe(0)
    rig.commit(set(cluster, 'a', '1'))
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Cluster +a=1', 'Secret -t'])
  })

  it('a proxy with configuration keeps it, and loses only what the update does not have', async () => {
    await using rig = await startRig({ fleetIdleMs: 5 })
    rig.commit(set(listener, 'a', '1'), set(listener, 'b', '1'))
    const client = rig.client()
    client.subscribe(listener)
    await client.until(() => client.responses.length === 1)
    client.disconnect()
    await client.until(() => rig.events.at(-1) === 'unwanted f')
    client.connect()
    await client.until(() => rig.server.proxies('f').length === 1)
    expect(heldBy(client, listener)).toEqual(['a=1', 'b=1'])
    rig.commit(set(listener, 'a', '1'))
    await client.until(() => client.responses.length === 2)
    expect(told(client).at(-1)).toBe('Listener -b')
  })
})
