// What a route does with a request: shares, answers, header edits, redirects, rewrites, timeouts. On a real Envoy.
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { HttpFilter, HttpMatch } from '@penstock/ir'
import { exchange, freePorts, type HttpAnswer, startEchoBackend } from '@penstock/testkit'
import { answering, attachment, exact, listener, prefix, rule, service, to } from './records.ts'
import { startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let port = 0

const edit = { set: [], add: [], remove: [] }
const redirect = { scheme: '', hostname: '', port: 0, status: 302 }
const filter = (value: NonNullable<HttpFilter['filter']>): HttpFilter => ({ filter: value })
const replacePrefix = (value: string) => ({ edit: { $case: 'replacePrefix' as const, value } })
const replaceFull = (value: string) => ({ edit: { $case: 'replaceFull' as const, value } })
const redirectTo = (
  value: Partial<typeof redirect> & { path?: ReturnType<typeof replaceFull | typeof replacePrefix> },
) => filter({ $case: 'redirect', value: { ...redirect, ...value } })
const rewrite = (path: ReturnType<typeof replaceFull | typeof replacePrefix>) =>
  filter({ $case: 'urlRewrite', value: { hostname: '', path } })

const rewrites: readonly [name: string, match: HttpMatch, filter: HttpFilter][] = [
  ['foo-xyz', prefix('/foo'), rewrite(replacePrefix('/xyz'))],
  ['foo-xyz-slash', prefix('/foo'), rewrite(replacePrefix('/xyz/'))],
  ['foo-empty', prefix('/foo'), rewrite(replacePrefix(''))],
  ['foo-slash', prefix('/foo'), rewrite(replacePrefix('/'))],
  ['f.o-slash', prefix('/f.o'), rewrite(replacePrefix('/'))],
  ['root-xyz', prefix('/'), rewrite(replacePrefix('/xyz'))],
  ['root-slash', prefix('/'), rewrite(replacePrefix('/'))],
  ['full', prefix('/foo'), rewrite(replaceFull('/new\\1'))],
]

const hanging = createServer(() => {})

async function start(): Promise<void> {
  const [a, b] = [stack.use(await startEchoBackend('a')), stack.use(await startEchoBackend('b'))]
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    hanging.close().closeAllConnections()
  })
  ;[port = 0] = await freePorts(1)
  const all = listener('all', { port })
  const at = (host: string) => [attachment(all, host)]
  const any: HttpMatch = prefix('/')
  const records = [
    rule('weights', at('weights'), { backends: [to('a', 3), to('b', 1), to('none', 0)] }),
    rule('share', at('share'), { backends: [to('a', 1), answering(500, 1)] }),
    rule('invalid', at('invalid'), { backends: [answering(500), to('a', 0)] }),
    rule('nothing', at('nothing'), {}),
    rule('no-endpoints', at('no-endpoints'), { backends: [to('none')] }),
    rule('answer', at('answer'), { filters: [filter({ $case: 'answer', value: 501 })], backends: [to('a')] }),
    rule('matches', at('matches'), {
      matches: [
        { ...exact('/exact'), precedence: '0' },
        { ...any, precedence: '1', path: { $case: 'regex', value: '/re[0-9]+' } },
        { ...any, precedence: '2', path: { $case: 'prefix', value: '/prefix' } },
        { ...any, precedence: '3', method: 'DELETE' },
        { ...any, precedence: '4', headers: [{ name: 'x-color', value: { $case: 'exact', value: 'blue' } }] },
        { ...any, precedence: '5', query: [{ name: 'size', value: { $case: 'regex', value: '[0-9]+' } }] },
      ],
      backends: [to('a')],
    }),
    rule('headers', at('headers'), {
      filters: [
        filter({
          $case: 'requestHeaders',
          value: {
            set: [
              { name: 'X-Set', value: '100% %REQ(:path)%' },
              { name: 'Host', value: 'set.example.com' },
            ],
            add: [{ name: 'x-add', value: 'more' }],
            remove: ['x-remove', 'host'],
          },
        }),
        filter({ $case: 'responseHeaders', value: { ...edit, set: [{ name: 'x-backend-name', value: 'hidden' }] } }),
      ],
      backends: [
        {
          ...to('a'),
          filters: [filter({ $case: 'requestHeaders', value: { ...edit, add: [{ name: 'x-share', value: 'a' }] } })],
        },
      ],
    }),
    rule('timeout', at('timeout'), { timeouts: { requestMs: 50 }, backends: [to('hanging')] }),
    rule('try', at('try'), { timeouts: { backendRequestMs: 50 }, backends: [to('hanging')] }),
    rule('https', at('https'), { filters: [redirectTo({ scheme: 'https', status: 301 })] }),
    rule('listener-port', at('listener-port'), { filters: [redirectTo({ status: 307 })] }),
    rule('well-known', at('well-known'), { filters: [redirectTo({ port: 80, status: 303 })] }),
    rule('elsewhere', at('elsewhere'), {
      filters: [
        redirectTo({ hostname: 'new.example.com', port: 8443, scheme: 'https', status: 308, path: replaceFull('/x') }),
      ],
    }),
    rule('stripped', at('stripped'), {
      matches: [prefix('/foo')],
      filters: [redirectTo({ port: 80, path: replacePrefix('/') })],
    }),
    rule('host', at('host'), {
      filters: [filter({ $case: 'urlRewrite', value: { hostname: 'new.example.com' } })],
      backends: [to('a')],
    }),
    ...rewrites.map(([name, match, effect]) =>
      rule(name, at(name), { matches: [match], filters: [effect], backends: [to('a')] }),
    ),
  ]
  const services = [...service('a', [a.port]), ...service('b', [b.port]), ...service('none', [])]
  const { port: hangingPort } = hanging.address() as AddressInfo
  stack.use(await startRig([all, ...services, ...service('hanging', [hangingPort]), ...records]))
}

beforeAll(start)
afterAll(() => stack.disposeAsync())

const ask = (host: string, path = '/', more = {}): Promise<HttpAnswer> => exchange({ port, host, path, ...more })

async function sharesOf(host: string): Promise<Record<string, number>> {
  const shares: Record<string, number> = {}
  for (let sent = 0; sent < 300; sent += 1) {
    const { echo, status } = await ask(host)
    const taker = echo?.backend ?? status
    shares[taker] = (shares[taker] ?? 0) + 1
  }
  return shares
}

describe('backends', () => {
  it('share by weight', async () => {
    const { a = 0, b = 0, ...others } = await sharesOf('weights')
    expect(others).toEqual({})
    expect(a / (a + b)).toBeGreaterThan(0.6)
    expect(a / (a + b)).toBeLessThan(0.9)
  })

  it('that are invalid keep their share, which answers 500', async () => {
    const shares = await sharesOf('share')
    expect(Object.keys(shares).sort()).toEqual(['500', 'a'])
    expect(shares['500']).toBeGreaterThan(90)
    expect(shares['500']).toBeLessThan(210)
  })

  it.each([
    ['invalid', 500],
    ['nothing', 500],
    ['no-endpoints', 503],
    ['answer', 501],
    ['timeout', 504],
    ['try', 504],
  ])('%s answers %i', async (host, status) => {
    expect(await ask(host)).toMatchObject({ status })
  })
})

describe('matches', () => {
  it.each([
    ['/exact', {}, 200],
    ['/exact/', {}, 404],
    ['/re12', {}, 200],
    ['/re12x', {}, 404],
    ['/prefix', {}, 200],
    ['/prefix/more?q', {}, 200],
    ['/prefixed', {}, 404],
    ['/', { method: 'DELETE' }, 200],
    ['/', { headers: { 'X-Color': 'blue' } }, 200],
    ['/', { headers: { 'X-Color': 'red' } }, 404],
    ['/?size=12', {}, 200],
    ['/?size=big', {}, 404],
  ])('%s %j: %i', async (path, more, status) => {
    expect(await ask('matches', path, more)).toMatchObject({ status })
  })
})

describe('header edits', () => {
  it('set, add and remove, on both ways and for one backend', async () => {
    const { echo, headers } = await ask('headers', '/', {
      headers: { 'x-set': 'old', 'x-add': 'one', 'x-remove': 'x' },
    })
    expect(echo?.headers).toMatchObject({ 'x-set': '100% %REQ(:path)%', 'x-share': 'a', host: 'set.example.com' })
    expect(echo?.headers['x-add']?.replaceAll(' ', '')).toBe('one,more')
    expect(echo?.headers).not.toHaveProperty('x-remove')
    expect(headers['x-backend-name']).toBe('hidden')
  })
})

describe('redirects', () => {
  it.each([
    ['https', '/a?b=c', 301, 'https://https/a?b=c'],
    ['https:8080', '/a', 301, 'https://https:443/a'],
    ['listener-port', '/a', 307, `http://listener-port:PORT/a`],
    ['well-known', '/a', 303, 'http://well-known/a'],
    ['elsewhere', '/a?b', 308, 'https://new.example.com:8443/x?b'],
    ['stripped', '/foo/bar?b', 302, 'http://stripped/bar?b'],
    ['stripped', '/foo', 302, 'http://stripped/'],
  ])('%s%s: %i %s', async (host, path, status, location) => {
    const answer = await ask(host, path)
    expect([answer.status, answer.headers['location']]).toEqual([status, location.replace('PORT', `${port}`)])
  })
})

describe('rewrites', () => {
  it.each([
    ['foo-xyz', '/foo/bar', '/xyz/bar'],
    ['foo-xyz', '/foo', '/xyz'],
    ['foo-xyz', '/foo/', '/xyz/'],
    ['foo-xyz-slash', '/foo/bar', '/xyz/bar'],
    ['foo-empty', '/foo/bar', '/bar'],
    ['foo-empty', '/foo/', '/'],
    ['foo-empty', '/foo', '/'],
    ['foo-slash', '/foo/bar?a=b', '/bar?a=b'],
    ['foo-slash', '/foo/', '/'],
    ['foo-slash', '/foo', '/'],
    ['foo-slash', '/foo?a=b', '/?a=b'],
    ['f.o-slash', '/f.o/bar', '/bar'],
    ['root-xyz', '/bar', '/xyz/bar'],
    ['root-slash', '/bar', '/bar'],
    ['full', '/foo/bar?a=b', '/new\\1?a=b'],
  ])('%s: %s becomes %s', async (host, path, expected) => {
    expect((await ask(host, path)).echo?.path).toBe(expected)
  })

  it('of the host reach the backend', async () => {
    expect((await ask('host')).echo?.host).toBe('new.example.com')
  })
})
