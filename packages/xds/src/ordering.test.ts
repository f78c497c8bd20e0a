import { describe, expect, it } from '@jest/globals'
import type { DeltaClient } from './index.ts'
import { cluster, endpoints, gone, heldBy, listener, route, scope, set, startRig, told } from './rig.ts'

/** Subscribes to everything by wildcard and waits until `count` responses came. */
async function follow(client: DeltaClient, types: readonly string[], count: number): Promise<void> {
  for (const typeUrl of types) client.subscribe(typeUrl)
  await client.until(() => client.responses.length === count)
}

const all = [cluster, listener, route, scope]

/** A client that is up to date with a = 1 of every type, and from then on answers only when told. */
async function patientClient(rig: Awaited<ReturnType<typeof startRig>>): Promise<DeltaClient> {
  rig.commit(...all.map((typeUrl) => set(typeUrl, 'a', '1')))
  let patient = false
  const client = rig.client('p', { judge: () => (patient ? 'wait' : undefined) })
  await follow(client, all, 4)
  await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
  patient = true
  return client
}

describe('make before break', () => {
  it('sends new things phase by phase, each acknowledged before the next', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    rig.commit(...[scope, route, listener, cluster].map((typeUrl) => set(typeUrl, 'b', '1')))
    await client.until(() => client.responses.length === 5)
    client.answer()
    await client.until(() => client.responses.length === 7)
    client.answer()
    await client.until(() => client.responses.length === 8)
    expect(told(client).slice(4)).toEqual(['Cluster +b=1', 'Listener +b=1', 'Route +b=1', 'Scope +b=1'])
  })

  it('removes in reverse after all that is new is acknowledged, the first phase later', async () => {
    await using rig = await startRig({ removalDelayMs: 150 })
    const client = await patientClient(rig)
    rig.commit(...all.map((typeUrl) => gone(typeUrl, 'a')), set(cluster, 'b', '1'))
    await client.until(() => told(client).at(-1) === 'Cluster +b=1')
    client.answer()
    await client.until(() => told(client).at(-1) === 'Scope -a')
    client.answer()
    await client.until(() => client.responses.length === 8)
    client.answer()
    const removedAt = performance.now()
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 2)
    await client.until(() => client.responses.length === 9)
    expect(performance.now() - removedAt).toBeGreaterThan(120)
    expect(told(client).slice(4)).toEqual(['Cluster +b=1', 'Scope -a', 'Listener -a', 'Route -a', 'Cluster -a'])
  })

  it('a part goes with the round while what it is part of stays, else as late as that', async () => {
    const partOf = (name: string): string | undefined => name.split('/')[1]
    const order = [[{ typeUrl: cluster, partOf }], [{ typeUrl: route }]]
    await using rig = await startRig({ removalDelayMs: 60_000 }, { order })
    rig.commit(...['a', 'x/a', 'y/a'].map((name) => set(cluster, name, '1')), set(route, 'r', '1'))
    const client = rig.client()
    await follow(client, [cluster, route], 2)
    rig.commit(set(cluster, 'z/a', '1'), gone(cluster, 'x/a'), set(route, 'r', '2'))
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 2)
    expect(told(client).slice(2)).toEqual(['Cluster +z/a=1', 'Route +r=2', 'Cluster -x/a'])
    rig.commit(gone(cluster, 'a'), gone(cluster, 'y/a'), gone(cluster, 'z/a'), set(route, 'r', '3'))
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 3)
    expect(told(client).slice(5)).toEqual(['Route +r=3'])
  })

  it('a cluster that is back before its removal was due is neither removed nor sent', async () => {
    await using rig = await startRig({ removalDelayMs: 100 })
    rig.commit(set(cluster, 'a', '1'), set(cluster, 'z', '1'))
    const client = rig.client()
    await follow(client, [cluster], 1)
    rig.commit(gone(cluster, 'a'))
    rig.commit(set(cluster, 'a', '1'))
    rig.commit(gone(cluster, 'z'))
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Cluster +a=1 +z=1', 'Cluster -z'])
  })

  it('a round sends one commit: what changes meanwhile waits, newest content only', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    rig.commit(set(cluster, 'b', '1'), set(route, 'a', '2'))
    await client.until(() => client.responses.length === 5)
    rig.commit(set(cluster, 'c', '1'), set(route, 'a', '3'))
    rig.commit(set(cluster, 'd', '1'), set(route, 'a', '4'))
    for (const count of [6, 7, 8]) {
      client.answer()
      await client.until(() => client.responses.length === count)
    }
    expect(told(client).slice(4)).toEqual(['Cluster +b=1', 'Route +a=2', 'Cluster +c=1 +d=1', 'Route +a=4'])
  })

  it('at most one response per type is unanswered, and nothing is lost behind it', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    for (let version = 2; version <= 50; version += 1) rig.commit(set(route, 'a', String(version)))
    await client.until(() => client.responses.length === 5)
    client.answer()
    await client.until(() => client.responses.length === 6)
    client.answer()
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 50)
    expect(told(client).slice(4)).toEqual(['Route +a=2', 'Route +a=50'])
  })
})

describe('immediate types', () => {
  it('go past a round under way, and past an unanswered response of another type', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    rig.commit(set(endpoints, 'a', '1'))
    client.subscribe(endpoints, 'a')
    await client.until(() => client.responses.length === 5)
    client.answer()
    rig.commit(set(cluster, 'b', '1'), set(route, 'a', '2'))
    await client.until(() => client.responses.length === 6)
    rig.commit(set(endpoints, 'a', '2'), set(route, 'a', '3'))
    await client.until(() => client.responses.length === 7)
    expect(told(client).slice(4)).toEqual(['Endpoints +a=1', 'Cluster +b=1', 'Endpoints +a=2'])
    expect(rig.server.proxies('f')[0]?.acknowledgedCommit).toBe(2)
  })

  it('an unanswered one does not keep the round waiting, but the commit is not acknowledged without it', async () => {
    await using rig = await startRig()
    rig.commit(set(endpoints, 'a', '1'), set(route, 'a', '1'))
    const client = rig.client('p', { judge: (r) => (r.typeUrl === endpoints && isLater(r) ? 'wait' : undefined) })
    const isLater = ({ resources }: { resources: readonly { version: string }[] }): boolean =>
      resources[0]?.version !== '1'
    client.subscribe(endpoints, 'a')
    await follow(client, [route], 2)
    rig.commit(set(endpoints, 'a', '2'))
    rig.commit(set(route, 'a', '2'))
    await client.until(() => heldBy(client, route).join() === 'a=2')
    expect(rig.server.proxies('f')[0]?.acknowledgedCommit).toBe(1)
    client.answer()
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 3)
  })
})

describe('warming (envoy 13009, go-control-plane 1035, java 127)', () => {
  it('endpoints are answered again, after their cluster, whenever that was sent', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(endpoints, 'a', '1'), set(cluster, 'b', '1'), set(endpoints, 'b', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    client.subscribe(endpoints, 'a', 'b')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(cluster, 'a', '2'))
    await client.until(() => client.responses.length === 4)
    expect(told(client).slice(2)).toEqual(['Cluster +a=2', 'Endpoints +a=1'])
  })

  it('what waits for new endpoints waits with them', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    rig.commit(set(cluster, 'b', '1'), set(endpoints, 'b', '1'), set(route, 'a', '2'))
    await client.until(() => client.responses.length === 5)
    client.subscribe(endpoints, 'b')
    await client.until(() => client.responses.length === 6)
    expect(told(client).slice(4)).toEqual(['Cluster +b=1', 'Endpoints +b=1'])
    client.answer()
    await client.until(() => client.responses.length === 7)
    expect(told(client).at(-1)).toBe('Route +a=2')
  })

  it('endpoints that went meanwhile are still answered to the round that sent their cluster', async () => {
    await using rig = await startRig()
    const client = await patientClient(rig)
    rig.commit(set(cluster, 'b', '1'), set(endpoints, 'b', '1'), set(route, 'a', '2'))
    await client.until(() => client.responses.length === 5)
    rig.commit(gone(cluster, 'b'), gone(endpoints, 'b'), set(route, 'a', '3'))
    client.subscribe(endpoints, 'b')
    for (const count of [6, 7, 8, 9]) {
      await client.until(() => client.responses.length === count)
      client.answer()
    }
    expect(told(client).slice(5, 8)).toEqual(['Endpoints +b=1', 'Route +a=2', 'Route +a=3'])
    await client.until(() => client.responses.length === 10)
    expect(told(client).slice(8)).toEqual(['Cluster -b', 'Endpoints -b'])
  })
})
