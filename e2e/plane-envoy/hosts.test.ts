// Which rule a host meets: scoped tables, the second look-up, isolation between listeners. On a real Envoy.
import { connect } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type EchoBackend, exchange, freePorts, startEchoBackend } from '@penstock/testkit'
import { attachment, exact, listener, prefix, rule, service, to } from './records.ts'
import { type Rig, startRig } from './rig.ts'

const names = ['exact', 'wild', 'any', 'deep', 'own', 'other'] as const
const stack = new AsyncDisposableStack()
let rig: Rig
let open = 0
let split = 0

beforeAll(async () => {
  const backends: EchoBackend[] = []
  for (const name of names) backends.push(stack.use(await startEchoBackend(name)))
  const services = backends.flatMap(({ name, port }) => service(name, [port]))
  ;[open = 0, split = 0] = await freePorts(2)
  const all = listener('all', { port: open })
  const every = listener('every', { port: split })
  const wild = listener('wild', { port: split, hostname: '*.example.com' })
  const foo = listener('foo', { port: split, hostname: 'foo.example.com' })
  const silent = listener('silent', { port: split, hostname: 'silent.example.com' })
  rig = stack.use(
    await startRig([
      ...[all, every, wild, foo, silent, ...services],
      // One listener for every host: rules of less specific hosts take what those of more specific ones leave.
      rule('exact', [attachment(all, 'foo.example.com')], { matches: [prefix('/api')], backends: [to('exact')] }),
      rule('wild', [attachment(all, '*.example.com')], {
        matches: [prefix('/api'), prefix('/wild')],
        backends: [to('wild')],
      }),
      rule('any', [attachment(all, ['', ''])], { matches: [exact('/api'), prefix('/any')], backends: [to('any')] }),
      rule('deep', [attachment(all, '*.deep.example.com')], { matches: [prefix('/api')], backends: [to('deep')] }),
      // Listeners for hosts of their own: no other listener's rules take part.
      rule('isolated-any', [attachment(every, ['', ''])], { backends: [to('any')] }),
      rule('isolated-wild', [attachment(wild, '*.example.com', 'foo.example.com')], { backends: [to('wild')] }),
      rule('isolated-own', [attachment(foo, 'foo.example.com')], { matches: [prefix('/own')], backends: [to('own')] }),
      rule('less-own', [attachment(foo, ['foo.example.com', '*.example.com'])], {
        matches: [exact('/own/a'), prefix('/less')],
        backends: [to('other')],
      }),
    ]),
  )
})

afterAll(() => stack.disposeAsync())

const ask = async (port: number, host: string, path: string): Promise<string | number> => {
  const { echo, status } = await exchange({ port, host, path })
  return echo?.backend ?? status
}

describe('one listener', () => {
  it.each([
    ['foo.example.com', '/api', 'exact'],
    ['FOO.Example.COM', '/api', 'exact'],
    ['foo.example.com:8080', '/api', 'exact'],
    ['Foo.example.com:8080', '/api', 'exact'],
    ['foo.example.com', '/wild', 'wild'],
    ['FOO.example.com', '/wild', 'wild'],
    ['foo.example.com', '/any', 'any'],
    ['foo.example.com', '/none', 404],
    ['bar.example.com', '/api', 'wild'],
    ['BAR.example.com:80', '/api', 'wild'],
    ['a.b.example.com', '/any/thing', 'any'],
    ['bar.example.com', '/none', 404],
    ['x.deep.example.com', '/api', 'deep'],
    ['x.deep.example.com', '/wild', 'wild'],
    ['deep.example.com', '/api', 'wild'],
    ['example.com', '/api', 'any'],
    ['example.com', '/wild', 404],
    ['[::1]:8080', '/any', 'any'],
    ['127.0.0.1', '/any', 'any'],
    ['#5', '/any', 400],
    ['*', '/any', 'any'],
  ])('%s%s meets %s', async (host, path, expected) => {
    expect(await ask(open, host, path)).toBe(expected)
  })
})

describe('listeners of one port', () => {
  it.each([
    ['foo.example.com', '/own', 'own'],
    // The route's own hostname decides before the match does.
    ['foo.example.com', '/own/a', 'own'],
    ['foo.example.com', '/less', 'other'],
    ['foo.example.com', '/', 404],
    ['silent.example.com', '/', 404],
    ['SILENT.example.com', '/', 404],
    ['bar.example.com', '/', 'wild'],
    ['example.org', '/', 'any'],
  ])('%s%s meets %s', async (host, path, expected) => {
    expect(await ask(split, host, path)).toBe(expected)
  })
})

describe('the private header', () => {
  it('is overwritten when a client sends one, and reaches no backend', async () => {
    const headers = { 'x-penstock-scope': `${split}/foo.example.com` }
    for (const host of ['foo.example.com', 'BAR.example.com']) {
      const { echo } = await exchange({ port: open, host, path: '/api', headers })
      expect(echo?.backend).toBe(host === 'foo.example.com' ? 'exact' : 'wild')
      expect(echo?.headers).not.toHaveProperty('x-penstock-scope')
    }
  })
})

describe('HTTP/2', () => {
  it.each([
    ['foo.example.com', 'exact'],
    ['FOO.example.com', 'exact'],
    ['bar.example.com', 'wild'],
  ])('%s meets %s', async (host, expected) => {
    const session = connect(`http://127.0.0.1:${open}`)
    try {
      const chunks: Buffer[] = []
      for await (const chunk of session.request({ ':authority': host, ':path': '/api' })) chunks.push(chunk as Buffer)
      expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ backend: expected, host })
    } finally {
      session.destroy()
    }
  })
})

describe('an edit', () => {
  it('is what the next request meets, also of a host that had no route', async () => {
    const all = listener('all', { port: open })
    const added = rule('added', [attachment(all, 'new.example.com')], { backends: [to('own')] })
    expect(await ask(open, 'new.example.com', '/')).toBe(404)
    await rig.apply([added])
    await rig.envoy.waitFor('the new host answers', async () => (await ask(open, 'new.example.com', '/')) === 'own')
    await rig.apply([{ key: added.key, record: undefined }])
    await rig.envoy.waitFor('the new host is gone', async () => (await ask(open, 'new.example.com', '/')) === 404)
  })
})

describe('a listener without any route', () => {
  it('answers 404', async () => {
    const [port = 0] = await freePorts(1)
    await using alone = await startRig([listener('alone', { port })])
    expect(await ask(port, 'example.com', '/')).toBe(404)
    expect(await alone.envoy.stats('listener_manager.total_listeners_active')).toEqual(
      new Map([['listener_manager.total_listeners_active', 1]]),
    )
  })
})
