// What users see while a part of the path is away: nothing. What was edited meanwhile arrives when it is back, and
// nothing that proxies have is sent again.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '@penstock/testkit'
import { httpRoute } from './manifests.ts'
import { type Rig, startRig } from './rig.ts'
import { startTraffic, type Traffic } from './traffic.ts'
import { resourcesIn } from './xds-tap.ts'
import type { XdsMessage } from './xds-wire.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  rig = stack.use(await startRig({ 'web.yaml': [httpRoute('web')] }))
})

afterAll(() => stack.disposeAsync(), 30_000)

const traffic = (): Traffic => startTraffic({ port: rig.port, host: 'www.example.com' })
const addRoute = (name: string): void =>
  rig.write(`${name}.yaml`, httpRoute(name, { host: `${name}.example.com`, path: '/' }))
const backendOf = async (name: string): Promise<string | number> => {
  const { echo, status } = await rig.ask({ host: `${name}.example.com` })
  return echo?.backend ?? status
}

/** What a new route takes: its table, then its scope. */
function expectNewRoute(sent: readonly XdsMessage[], name: string): void {
  const [table, ...rest] = resourcesIn(sent)
  expect(table).toMatch(/^RouteConfiguration \d+\/\d+$/)
  expect(rest).toEqual([`ScopedRouteConfiguration ${rig.port}/${name}.example.com`])
}

/** Waits until so much was asked that it says something. */
async function enough(load: Traffic): Promise<void> {
  const goal = load.asked + 20
  await until('20 requests more', () => load.asked >= goal)
}

describe('NATS', () => {
  it.each(['kept', 'wiped'] as const)(
    'killed and started with its data %s costs no request, and what was edited meanwhile arrives',
    async (data) => {
      await rig.edit(() => addRoute(`${data}-before`))
      await using load = traffic()
      const known = rig.log.find('bus disconnected').length
      await rig.nats.kill()
      const edited = rig.edit(() => addRoute(`${data}-meanwhile`))
      await until('all buses have noticed', () => rig.log.find('bus disconnected').length === known + 5)
      await enough(load)
      expect(await backendOf(`${data}-before`)).toBe('v1')

      await rig.restartNats(data)
      expectNewRoute((await edited).sent, `${data}-meanwhile`)
      expect(await backendOf(`${data}-meanwhile`)).toBe('v1')
      expectNewRoute((await rig.edit(() => addRoute(`${data}-after`))).sent, `${data}-after`)
      expect(await backendOf(`${data}-after`)).toBe('v1')
      await until('its status is told', () => rig.status(`HTTPRoute.default.${data}-after.yaml`))
      expect(await load.stop()).toEqual([])
    },
  )
})

describe('an xds-server that is started again', () => {
  /** While it is away, `meanwhile` happens. Returns what Envoy was sent on its new stream, up to one more edit. */
  async function restart(marker: string, meanwhile: () => Promise<unknown>): Promise<readonly XdsMessage[]> {
    const { streams, messages } = rig.tap
    const from = messages.length
    await rig.services.xdsServer.stop()
    await until('its proxies are reported no more', () => rig.view.proxies().length === 0)
    await meanwhile()
    await rig.services.xdsServer.start()
    await until('Envoy is back', () => {
      const [proxy] = rig.view.proxies()
      return proxy !== undefined && proxy.acknowledgedCommit >= rig.view.ir.last
    })
    expect(rig.tap.streams).toBeGreaterThan(streams)
    // By then Envoy has asked for everything that it had.
    const { sent } = await rig.edit(() => addRoute(marker))
    expectNewRoute(sent.slice(-2), marker)
    return messages.slice(from, -2)
  }

  it('sends nothing that Envoy has', async () => {
    await using load = traffic()
    const sent = await restart('marker', () => enough(load))
    expect(resourcesIn(sent)).toEqual([])
    expect(await load.stop()).toEqual([])
  })

  it('sends what was edited meanwhile', async () => {
    await using load = traffic()
    const sent = await restart('other-marker', async () => {
      const commits = rig.view.ir.commits.length
      await rig.publish(() => addRoute('unserved'))
      await until('the translator has it', () => rig.view.ir.commits.length > commits)
      await enough(load)
    })
    expectNewRoute(sent, 'unserved')
    expect(await backendOf('unserved')).toBe('v1')
    expect(await load.stop()).toEqual([])
  })
})

describe('a translator that stands by', () => {
  it('leads when the other one ends, and changes no record', async () => {
    await using standby = rig.anotherTranslator()
    await standby.start()
    await until('it has read everything', () => standby.ready)
    const [commits, messages] = [rig.view.ir.commits.length, rig.tap.messages.length]
    const before = rig.view.ir.commits.at(-1)?.commit

    await rig.services.translator.stop()
    const taken = await until('it leads', () => rig.view.ir.commits[commits])
    expect(taken.changes).toEqual([])
    expect(taken.commit.digest).toEqual(before?.digest)
    const { ir, sent } = await rig.edit(() => addRoute('second'))
    expect(ir.changes.map(({ key }) => key)).toEqual(['http_rule/HTTPRoute/default/second/#0'])
    expectNewRoute(rig.tap.messages.slice(messages), 'second')
    expectNewRoute(sent, 'second')
    expect(await backendOf('second')).toBe('v1')
  })
})
