// How it asks for its configuration, and what it says of what it got.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { addressType, resourceType } from './delivery.ts'
import { bind, type Literal, listener, prefix, route, service, to, workload } from './literals.test-data.ts'
import { gone, type Rig, startRig } from './rig.ts'

const broken = listener('broken', 1, { protocol: 0 })
const warned = route('warned', { matches: [{ path: { kind: { is: 'regex', value: '(' } } }] })

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(async () => rig[Symbol.asyncDispose]())

const refusals = () => rig.server.proxies('default~web')[0]?.rejections ?? []
const names = (type: string): string[] => [...(rig.proxy.stores.known.get(type)?.keys() ?? [])].toSorted()

describe('an agentgateway', () => {
  it('asks for both types with its node, without names, and only acknowledges after that', async () => {
    await rig.send(service('s'))
    const [addresses, resources, ...others] = rig.proxy.requests
    const metadata = {
      role: 'default~web',
      NAMESPACE: 'default',
      GATEWAY_NAME: 'web',
      INSTANCE_IPS: '1.1.1.1',
      NAME: '',
      NODE_NAME: '',
    }
    const node = { id: 'agentgateway~1.1.1.1~.default~default.svc.cluster.local', metadata }
    expect(addresses).toEqual({ typeUrl: addressType, node, initialResourceVersions: {} })
    expect(resources).toEqual({ typeUrl: resourceType, node, initialResourceVersions: {} })
    for (const request of others) expect(Object.keys(request)).toEqual(['typeUrl', 'responseNonce'])
  })

  it('is ready when both types were answered, with nothing too', async () => {
    await rig.proxy.until('ready', () => rig.proxy.isReady)
    expect(rig.proxy.responses.map(({ resources }) => resources)).toEqual([[], []])
  })

  it('with a pod name waits for its own Workload', async () => {
    await using own = await startRig({ podName: 'pod', instanceIp: '127.0.0.9' })
    await own.send(service('s'), workload('s', 1))
    expect(own.proxy.isReady).toBe(false)
    await own.send(workload('pod', 1, { services: {} }))
    expect(own.proxy.isReady).toBe(true)
    await own.send(gone(workload('pod', 1)))
    expect(own.proxy.isReady).toBe(true)
  })

  it('takes what is good of a response, and says why it did not take the rest', async () => {
    await rig.send(bind(1, { mode: 1 }), broken, warned, route('good'))
    const told = [
      { key: 'listener/broken', error: expect.stringMatching(/unknown protocol/) },
      { key: 'route/warned', warn: expect.stringMatching(/invalid regex/) },
    ]
    expect(rig.proxy.rejects).toEqual(expect.arrayContaining(told))
    expect(names(resourceType)).toEqual(['bind/1', 'route/good', 'route/warned'])
    const nacks = rig.proxy.requests.filter(({ errorDetail }) => errorDetail !== undefined)
    expect(nacks[0]?.errorDetail?.code).toBe(0)
    expect(nacks.flatMap(({ errorDetail }) => JSON.parse(errorDetail?.message ?? '')).map(({ key }) => key)).toContain(
      'listener/broken',
    )
    expect(refusals().flatMap(({ resources }) => resources)).toContain('listener/broken')
  })

  it('stays unready while a type was only answered with errors, and not for warnings', async () => {
    await using late = await startRig({}, [broken])
    await late.proxy.until('the refusal', () => late.proxy.rejects.length > 0)
    expect(late.proxy.isReady).toBe(false)
    await late.send(gone(broken), warned)
    expect(late.proxy.isReady).toBe(true)
  })

  it('tells after a reconnect what it holds, and gets only what differs', async () => {
    await rig.send(service('s'), workload('s', 1), route('a', { backends: [to('s')] }), route('b'))
    rig.proxy.disconnect()
    const before = rig.proxy.responses.length
    rig.update(gone(route('b')), route('a', { matches: [prefix('/new')] }))
    rig.proxy.connect()
    await rig.proxy.until('the new route', () => names(resourceType).join() === 'route/a')
    const [addresses, resources] = rig.proxy.requests.filter(({ node }) => node !== undefined).slice(2)
    expect(Object.keys(addresses?.initialResourceVersions ?? {})).toEqual(['default/s', 'k//Pod/default/s'])
    expect(Object.keys(resources?.initialResourceVersions ?? {})).toEqual(['route/a', 'route/b'])
    const sent = rig.proxy.responses.slice(before).flatMap((response) => response.resources.map(({ name }) => name))
    expect(sent).toEqual(['route/a'])
  })

  it('comes back by itself when its stream ends', async () => {
    await rig.send(service('s'))
    rig.proxy.requests.splice(0)
    await rig.restart()
    await rig.proxy.until('another stream', () => rig.proxy.requests.some(({ node }) => node !== undefined))
  })

  it('removes by name: routes by that which they came under, addresses by what they are', async () => {
    await rig.send(service('s'), workload('s', 1), route('a', { backends: [to('s')] }))
    await rig.send(gone(workload('s', 1)), gone(route('a')))
    expect([names(addressType), names(resourceType)]).toEqual([['default/s'], []])
    expect(rig.proxy.stores.binds.routesOf('listener http')).toEqual([])
    expect(rig.proxy.complaints()).toEqual([])
  })
})

describe('it complains of', () => {
  it.each<[string, Literal[], RegExp]>([
    ['an address under another name', [{ ...service('s'), name: 'x' }], /only by default\/s/],
    [
      'a service that is not there',
      [bind(1, { mode: 1 }), listener('http', 1), route('r', { backends: [to('s')] })],
      /no service default\/s/,
    ],
    ['a workload of no service', [workload('w', 1)], /workload .* no service/],
    ['a route of no listener', [route('r')], /listener http, which is not there/],
    ['a listener of no bind', [listener('l', 2)], /its bind is not there/],
    ['rivals', [bind(1, { mode: 1 }), listener('a', 1), listener('b', 1)], /several listeners for plain/],
    ['a route that takes nothing', [route('r', { matches: [] })], /without a match/],
    ['a hostname that nobody has', [route('r', { hostnames: ['*'] })], /no request ever has/],
    [
      'a second filter of one kind',
      [route('r', { trafficPolicies: [1, 2].map(() => ({ kind: { is: 'cors', value: {} } })) })],
      /several cors/,
    ],
    [
      'what this client cannot do',
      [route('r', { trafficPolicies: [{ kind: { is: 'jwt', value: new Uint8Array() } }] })],
      /jwt is not for this client/,
    ],
  ])('%s', async (_, literals, complaint) => {
    await rig.send(...literals)
    expect(rig.proxy.complaints().join('\n')).toMatch(complaint)
  })
})
