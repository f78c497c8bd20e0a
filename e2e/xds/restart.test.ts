// An xDS server that goes and comes back, seen from a real Envoy and from its clients.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exchange, freePorts, startEchoBackend, until } from '@penstock/testkit'
import { attachment, listener, rule, service, to } from '../plane-envoy/records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
let backends: number[]

const http = (): ReturnType<typeof listener> => listener('http', { port })
const host = (name: string, backend: string) =>
  rule(name, [attachment(http(), `${name}.example.com`)], { backends: [to(backend)] })
const ask = async (name: string): Promise<string | number> => {
  const { echo, status } = await exchange({ port, host: `${name}.example.com` })
  return echo?.backend ?? status
}

beforeAll(async () => {
  const echoes = [stack.use(await startEchoBackend('one')), stack.use(await startEchoBackend('two'))]
  backends = echoes.map((echo) => echo.port)
  ;[port = 0] = await freePorts(1)
  const services = [...service('one', [backends[0] ?? 0]), ...service('two', [backends[1] ?? 0])]
  rig = stack.use(await startRig([http(), host('foo', 'one'), host('bar', 'two'), ...services]))
})

afterAll(() => stack.disposeAsync())

describe('a server that comes back', () => {
  it('sends nothing to an Envoy that holds the same', async () => {
    expect([await ask('foo'), await ask('bar')]).toEqual(['one', 'two'])
    await rig.stopServer()
    expect(await ask('foo')).toBe('one')
    const before = new Map(rig.sent)
    await rig.startServer()
    await rig.settled()
    expect(rig.sent).toEqual(before)
    expect([await ask('foo'), await ask('bar')]).toEqual(['one', 'two'])
  })

  it('with nothing yet takes nothing away, and then sends what changed', async () => {
    await rig.stopServer()
    await rig.startServer({ empty: true })
    await until('Envoy is back', () => rig.proxy())
    const before = new Map(rig.sent)
    expect([await ask('foo'), await ask('bar')]).toEqual(['one', 'two'])
    expect(rig.sent).toEqual(before)
    rig.commit([host('foo', 'two')])
    await rig.settled()
    // Envoy answers before each of its threads has taken the change up.
    await until('what changed is served', async () => (await ask('foo')) === 'two')
    expect(await ask('bar')).toBe('two')
    const fresh = [...rig.sent].map(([type, count]) => [type, count - (before.get(type) ?? 0)])
    expect(fresh.filter(([, count]) => count !== 0)).toEqual([['RouteConfiguration', 1]])
  })
})
