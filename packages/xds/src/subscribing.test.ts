import { describe, expect, it } from '@jest/globals'
import { cluster, endpoints, gone, heldBy, route, secret, set, startRig, told } from './rig.ts'

describe('wildcard subscriptions', () => {
  it('a first request without names gets all of its type, now and later', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(cluster, 'b', '1'), set(route, 'r', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => heldBy(client, cluster).join() === 'a=1,b=1')
    rig.commit(set(cluster, 'c', '1'), set(cluster, 'a', '2'), gone(cluster, 'b'))
    await client.until(() => heldBy(client, cluster).join() === 'a=2,c=1')
    expect(told(client)).toEqual(['Cluster +a=1 +b=1', 'Cluster +a=2 +c=1', 'Cluster -b'])
  })

  it('is answered when there is nothing, since a proxy that starts waits for word of its first type', async () => {
    await using rig = await startRig()
    rig.commit()
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => client.responses.length === 1)
    rig.commit(set(cluster, 'a', '1'))
    await client.until(() => heldBy(client, cluster).join() === 'a=1')
    expect(told(client)).toEqual(['Cluster', 'Cluster +a=1'])
  })

  it('naming a resource in legacy wildcard keeps the wildcard and answers the name', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(cluster, 'b', '1'))
    const client = rig.client()
    client.subscribe(cluster)
    await client.until(() => client.responses.length === 1)
    client.subscribe(cluster, 'a')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(cluster, 'c', '1'))
    await client.until(() => client.responses.length === 3)
    expect(told(client).slice(1)).toEqual(['Cluster +a=1', 'Cluster +c=1'])
  })

  it('an explicit "*" goes away by its name and leaves the names', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'), set(cluster, 'b', '1'))
    const client = rig.client()
    client.subscribe(cluster, '*', 'a')
    await client.until(() => heldBy(client, cluster).length === 2)
    client.unsubscribe(cluster, '*')
    client.subscribe(endpoints, 'sync')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(cluster, 'b', '2'), set(cluster, 'c', '1'), set(cluster, 'a', '2'))
    await client.until(() => heldBy(client, cluster).join() === 'a=2')
    expect(told(client)).toEqual(['Cluster +a=1 +b=1', 'Endpoints -sync', 'Cluster +a=2'])
  })

  it('answers a name that is unsubscribed under a wildcard, so that the client knows it still has it', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(cluster, '*', 'a', 'z')
    await client.until(() => client.responses.length === 1)
    client.unsubscribe(cluster, 'a', 'z')
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Cluster +a=1 -z', 'Cluster +a=1 -z'])
  })
})

describe('named subscriptions', () => {
  it('an unknown name is answered at once with removed_resources, and sent once it is known', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe(secret, 'www.example.com')
    await client.until(() => client.responses.length === 1)
    rig.commit(set(secret, 'www.example.com', 'pem'), set(secret, 'other', 'pem'))
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Secret -www.example.com', 'Secret +www.example.com=pem'])
  })

  it('subscribing again sends again, though nothing changed', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', '1'))
    const client = rig.client()
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 1)
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Route +r=1', 'Route +r=1'])
    expect(client.responses[0]?.nonce).not.toBe(client.responses[1]?.nonce)
  })

  it('an unsubscribed name is not sent any more, and nothing answers the request', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', '1'), set(route, 'q', '1'))
    const client = rig.client()
    client.subscribe(route, 'r', 'q')
    await client.until(() => client.responses.length === 1)
    client.unsubscribe(route, 'r', 'never-known')
    client.subscribe(secret, 'sync')
    await client.until(() => client.responses.length === 2)
    rig.commit(set(route, 'r', '2'), set(route, 'q', '2'))
    await client.until(() => client.responses.length === 3)
    expect(told(client)).toEqual(['Route +q=1 +r=1', 'Secret -sync', 'Route +q=2'])
  })

  it('honours the subscription of a request with a stale nonce (go-control-plane 615)', async () => {
    await using rig = await startRig()
    rig.commit(set(secret, 's', '1'))
    const client = rig.client()
    client.subscribe(secret, 'a')
    await client.until(() => client.responses.length === 1)
    client.send({ typeUrl: secret, resourceNamesSubscribe: ['s'], responseNonce: 'of another time' })
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Secret -a', 'Secret +s=1'])
  })

  it('a subscription that comes with the answer to a response is kept (go-control-plane 446, 566)', async () => {
    await using rig = await startRig()
    rig.commit(set(route, 'r', '1'), set(route, 'q', '1'))
    const client = rig.client('p', { judge: () => 'wait' })
    client.subscribe(route, 'r')
    await client.until(() => client.responses.length === 1)
    const responseNonce = client.responses[0]?.nonce
    client.send({ typeUrl: route, responseNonce, resourceNamesSubscribe: ['q'], resourceNamesUnsubscribe: ['r'] })
    await client.until(() => client.responses.length === 2)
    expect(told(client)).toEqual(['Route +r=1', 'Route +q=1'])
  })

  it('a type that no plane named is answered, never served', async () => {
    await using rig = await startRig()
    rig.commit(set(cluster, 'a', '1'))
    const client = rig.client()
    client.subscribe('type.googleapis.com/t.Runtime', 'rtds')
    await client.until(() => client.responses.length === 1)
    expect(told(client)).toEqual(['Runtime -rtds'])
  })
})
