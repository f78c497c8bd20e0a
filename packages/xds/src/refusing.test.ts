import { describe, expect, it } from '@jest/globals'
import type { DeltaResponse } from './index.ts'
import { cluster, gone, heldBy, route, set, startRig, told } from './rig.ts'

/** Refuses every response that holds content with "bad" in it, without saying which. */
const refuseBad = ({ resources }: DeltaResponse): string | undefined =>
  resources.some(({ version }) => version.includes('bad')) ? 'bad content' : undefined

/** The same, naming the resource as Envoy does for clusters and listeners. */
const nameBad = ({ resources }: DeltaResponse): string | undefined => {
  const bad = resources.filter(({ version }) => version.includes('bad')).map(({ name }) => name)
  return bad.length === 0 ? undefined : `Error adding/updating cluster(s) ${bad.join(', ')}: nonsense`
}

describe('a refused resource', () => {
  it('is recorded with the proxy’s words, and not sent again until it changes (go-control-plane 962)', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', '1'), set(cluster, 'c', '1'))
    const client = rig.client('p', { judge: refuseBad })
    client.subscribe(route, 'r')
    client.subscribe(cluster)
    await client.until(() => client.responses.length === 2)
    rig.commit(set(route, 'r', 'bad'))
    await client.until(() => rig.server.proxies('f')[0]?.rejections.length === 1)
    expect(rig.server.proxies('f')).toMatchObject([
      {
        acknowledgedCommit: 2,
        rejections: [{ typeUrl: route, resources: ['r'], message: 'bad content', commit: 2 }],
      },
    ])
    rig.commit(set(cluster, 'c', '2'))
    await client.until(() => heldBy(client, cluster).join() === 'c=2')
    rig.commit(set(route, 'r', '2'))
    await client.until(() => heldBy(client, route).join() === 'r=2')
    expect(rig.server.proxies('f')[0]?.rejections).toEqual([])
    expect(told(client).slice(2)).toEqual(['Route +r=bad', 'Cluster +c=2', 'Route +r=2'])
  })

  it.each([
    ['without a word about which', refuseBad],
    ['by name', nameBad],
  ])('does not keep its neighbours, refused with it %s', async (_, judge) => {
    await using rig = await startRig()
    const names = Array.from({ length: 40 }, (_each, number) => `c${number}`)
    rig.commit(...names.map((name) => set(cluster, name, name === 'c7' || name === 'c33' ? 'bad' : 'good')))
    const client = rig.client('p', { judge })
    client.subscribe(cluster)
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
    expect(heldBy(client, cluster)).toHaveLength(38)
    expect(
      rig.server
        .proxies('f')[0]
        ?.rejections.flatMap(({ resources }) => resources)
        .sort(),
    ).toEqual(['c33', 'c7'])
    expect(client.responses.length).toBeLessThanOrEqual(2 * 2 * Math.ceil(Math.log2(40)) + 1)
  })

  it('is the only one held back where the proxy took the rest, and says so', async () => {
    const refusedIn = (message: string): ReadonlyMap<string, string> | undefined =>
      message.startsWith('{') ? new Map(Object.entries(JSON.parse(message) as Record<string, string>)) : undefined
    await using rig = await startRig({}, { refusedIn })
    const names = Array.from({ length: 40 }, (_each, number) => `c${number}`)
    rig.commit(...names.map((name) => set(cluster, name, name === 'c7' ? 'bad' : 'good')))
    const client = rig.client('p', { judge: (response) => refuseBad(response) && '{"c7":"nonsense","c99":"unknown"}' })
    client.subscribe(cluster)
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 1)
    expect(rig.server.proxies('f')[0]?.rejections).toMatchObject([{ resources: ['c7'], message: 'nonsense' }])
    rig.commit(set(cluster, 'c7', 'mended'))
    await client.until(() => client.responses.length === 2)
    expect(told(client).slice(1)).toEqual(['Cluster +c7=mended'])
    await client.until(() => rig.server.proxies('f')[0]?.acknowledgedCommit === 2)
    expect(rig.server.proxies('f')[0]?.rejections).toEqual([])
  })

  it('goes out of its record when it is removed or no longer asked for', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', 'bad'), set(route, 'q', 'bad'))
    const client = rig.client('p', { judge: refuseBad })
    client.subscribe(route, 'r', 'q')
    await client.until(() => rig.server.proxies('f')[0]?.rejections.length === 2)
    rig.commit(gone(route, 'r'))
    await client.until(() => told(client).at(-1) === 'Route -r')
    expect(rig.server.proxies('f')[0]?.rejections).toMatchObject([{ resources: ['q'] }])
    client.unsubscribe(route, 'q')
    await client.until(() => rig.server.proxies('f')[0]?.rejections.length === 0)
  })

  it('keeps the clusters that its last good content may still use', async () => {
    await using rig = await startRig({ removalDelayMs: 0 })
    rig.commit(set(route, 'r', '1'), set(cluster, 'old', '1'))
    const client = rig.client('p', { judge: refuseBad })
    client.subscribe(cluster)
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(route, 'r', 'bad'), gone(cluster, 'old'), set(cluster, 'new', '1'))
    await client.until(() => rig.server.proxies('f')[0]?.rejections.length === 1)
    rig.commit(set(cluster, 'new', '2'))
    await client.until(() => heldBy(client, cluster).join() === 'new=2,old=1')
    rig.commit(set(route, 'r', '2'))
    await client.until(() => heldBy(client, cluster).join() === 'new=2')
  })

  it('lets go of them only when its healed content is acknowledged', async () => {
    await using rig = await startRig({ removalDelayMs: 0 })
    rig.commit(set(route, 'r', '1'), set(cluster, 'old', '1'))
    let healing = false
    const client = rig.client('p', { judge: (response) => refuseBad(response) ?? (healing ? 'wait' : undefined) })
    client.subscribe(cluster)
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(route, 'r', 'bad'), gone(cluster, 'old'))
    await client.until(() => rig.server.proxies('f')[0]?.rejections.length === 1)
    healing = true
    rig.commit(set(route, 'r', '2'))
    await client.until(() => told(client).at(-1) === 'Route +r=2')
    client.answer()
    await client.until(() => told(client).at(-1) === 'Cluster -old')
    expect(told(client).slice(2)).toEqual(['Route +r=bad', 'Route +r=2', 'Cluster -old'])
  })

  it('a refusal with the nonce of an earlier response is none (java 70)', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', '1'))
    const client = rig.client()
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 1)
    client.send({ typeUrl: route, responseNonce: '0', errorDetail: { code: 3, message: 'late' } })
    rig.commit(set(route, 'r', '2'))
    await client.until(() => heldBy(client, route).join() === 'r=2')
    expect(rig.server.proxies('f')[0]?.rejections).toEqual([])
  })
})
