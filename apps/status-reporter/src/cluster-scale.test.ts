// How often statuses are written: once each, a Gateway now and then, nothing twice.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Source, Status } from '@penstock/ir'
import { type FakeKubeApi, startFakeKubeApi, until } from '@penstock/testkit'
import { createRig, defineWritten, fine, type Rig, routed, tokenAccess } from './cluster-rig.test-data.ts'

let api: FakeKubeApi
let rig: Rig

beforeEach(async () => {
  api = await startFakeKubeApi()
  await defineWritten(tokenAccess(api.url))
  rig = await createRig(tokenAccess(api.url))
})
afterEach(async () => {
  await rig[Symbol.asyncDispose]()
  await api[Symbol.asyncDispose]()
})

const patches = (): string[] => api.requests.filter((request) => request.startsWith('PATCH'))

const gatewayStatus = (attachedRoutes: number): Partial<Status> => ({
  conditions: [fine('Accepted'), fine('Programmed')],
  listeners: [{ name: 'http', attachedRoutes, supportedKinds: [], conditions: [fine('Accepted')] }],
  fleets: ['gw'],
})

describe('a thousand routes at once', () => {
  const routeCount = 1_000
  const batch = 20

  async function createRoutes(gateway: Source): Promise<void> {
    const names = Array.from({ length: routeCount }, (_, index) => `default/r${index}`)
    const sources = await Promise.all(names.map((name) => rig.make('HTTPRoute', name)))
    for (let from = 0; from < routeCount; from += batch) {
      const irCommit = 10 + from
      const wishes = sources.slice(from, from + batch).map((source) => ({ source, status: routed('gw'), irCommit }))
      await rig.want(...wishes, { source: gateway, status: gatewayStatus(from + batch), irCommit })
      rig.acknowledge('gw', irCommit)
    }
  }

  it('are written once each, and their Gateway not often; a new life or leader writes nothing', async () => {
    const gateway = await rig.make('Gateway', 'default/gw')
    rig.say('gw', {
      addresses: [{ type: 'IPAddress', value: '10.0.0.1' }],
      replicasWanted: 1,
      replicasReady: 1,
      problem: '',
    })
    const first = rig.live()
    await createRoutes(gateway)
    await rig.has(gateway, ({ listeners }) => listeners?.[0]?.attachedRoutes === routeCount)
    const ofRoutes = (): string[] => patches().filter((request) => request.includes('/httproutes/'))
    await until('every route is written', () => ofRoutes().length >= routeCount, 60_000)
    const last = await rig.make('HTTPRoute', 'default/last')
    await rig.want({ source: last, status: routed('gw'), irCommit: 10 })
    await rig.has(last, ({ parents }) => parents !== undefined)
    expect(new Set(ofRoutes()).size).toBe(routeCount + 1)
    expect(ofRoutes()).toHaveLength(routeCount + 1)
    const ofGateway = patches().filter((request) => request.includes('/gateways/'))
    expect(ofGateway.length).toBeLessThanOrEqual(100)

    // A second one stands by, and leads once the first has ended; a third has only the bus to go by.
    const reads = (): number => api.requests.filter((request) => request.startsWith('GET')).length
    const wrote = patches().length
    let read = reads()
    const second = rig.live()
    await first[Symbol.asyncDispose]()
    await until('the second has looked at everything', () => reads() - read >= routeCount + 2)
    await second[Symbol.asyncDispose]()
    read = reads()
    rig.live()
    await until('the third has looked at everything', () => reads() - read >= routeCount + 2)
    const mark = await rig.make('HTTPRoute', 'default/mark')
    await rig.want({ source: mark, status: routed('gw'), irCommit: 10 })
    await rig.has(mark, ({ parents }) => parents !== undefined)
    expect(patches().slice(wrote)).toEqual([expect.stringContaining('/httproutes/mark/status')])
  }, 90_000)
})

it('the rate of requests is bounded', async () => {
  const sources = await Promise.all(
    Array.from({ length: 60 }, (_, index) => rig.make('HTTPRoute', `default/r${index}`)),
  )
  const startMs = performance.now()
  rig.live({ config: { writesPerSecond: 40 } })
  await rig.want(...sources.map((source) => ({ source, status: routed('gw') })))
  await until('every route is written', () => patches().length === sources.length)
  const seconds = (performance.now() - startMs) / 1_000
  // Read and written: twice the number of routes, of which the burst is free.
  expect(api.requests.filter((request) => request.includes('/status'))).toHaveLength(120)
  expect(seconds).toBeGreaterThan((120 - 80) / 40 - 0.1)
})
