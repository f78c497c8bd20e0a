// Which listener, which route: hostnames by rank, then the match, then the key.
import { describe, expect, it } from '@jest/globals'
import { createHeaderList } from './header-list.ts'
import { bestByHostname } from './hostname-ranks.ts'
import { createStores, prefix, route, take } from './literals.test-data.ts'
import { type Asked, chooseRoute } from './route-choice.ts'

type Draft = NonNullable<Parameters<typeof route>[1]>
type Matches = NonNullable<Draft['matches']>[number]

const path = (is: 'exact' | 'pathPrefix' | 'regex', value: string): Matches => ({ path: { kind: { is, value } } })
const named = (name: string, value: string, is: 'exact' | 'regex' = 'exact') => ({ name, value: { is, value } })

/** `GET a.com/path` with these headers. */
function asked(method: string, url: string, headers: Readonly<Record<string, string>> = {}): Asked {
  const [host = '', ...rest] = url.split('/')
  const list = createHeaderList(Object.entries(headers))
  return { method, host, authority: host, scheme: 'http', target: `/${rest.join('/')}`, headers: list }
}

/** The key of the route that takes it. */
function taker(routes: Readonly<Record<string, Draft>>, request: Asked): string | undefined {
  const stores = createStores()
  const literals = Object.entries(routes).map(([key, draft]) => route(key, draft))
  expect(take(stores, ...literals)).toEqual([])
  return chooseRoute(stores.binds.routesOf('listener http'), request)?.route.key
}

describe('of hostnames', () => {
  const listeners = ['', 'a.com', '*.a.com', '*.b.a.com'].map((hostname) => ({ hostname }))

  it.each([
    ['a.com', 'a.com'],
    ['x.a.com', '*.a.com'],
    ['x.y.a.com', '*.a.com'],
    ['x.b.a.com', '*.b.a.com'],
    ['b.com', ''],
    // As it is written: it is not the listener's.
    ['A.com', ''],
  ])('%s is for the listener "%s"', (host, hostname) => {
    expect(bestByHostname(listeners, host)?.hostname).toBe(hostname)
  })

  const byHost = {
    exact: { hostnames: ['x.a.com'] },
    wide: { hostnames: ['*.com'] },
    narrow: { hostnames: ['*.a.com'] },
    any: {},
  }

  it.each([
    ['x.a.com', 'exact'],
    ['y.a.com', 'narrow'],
    ['y.x.a.com', 'narrow'],
    ['a.com', 'wide'],
    ['localhost', 'any'],
  ])('%s is for the route of %s', (host, key) => {
    expect(taker(byHost, asked('GET', `${host}/`))).toBe(key)
  })

  it('the broader one takes what the narrower one does not match', () => {
    expect(
      taker({ ...byHost, exact: { hostnames: ['x.a.com'], matches: [prefix('/b')] } }, asked('GET', 'x.a.com/c')),
    ).toBe('narrow')
  })

  it('a lone star is no hostname', () => {
    expect(taker({ star: { hostnames: ['*'] } }, asked('GET', 'a.com/'))).toBeUndefined()
  })
})

describe('of matches', () => {
  it.each<[string, Matches, Matches]>([
    ['an exact path before a longer prefix', path('exact', '/a/b'), path('pathPrefix', '/a/b////')],
    ['the longer prefix', path('pathPrefix', '/a/b'), path('pathPrefix', '/a')],
    ['a regular expression that is longer than the prefix', path('regex', '/a/[a-z]+'), path('pathPrefix', '/a/b')],
    ['a prefix that is longer than the regular expression', path('pathPrefix', '/a/b'), path('regex', '/.*')],
    [
      'a method before any number of headers',
      { method: { exact: 'GET' } },
      { headers: [named('x', '1'), named('y', '1')] },
    ],
    [
      'more headers',
      { headers: [named('x', '1'), named('y', '1')] },
      { headers: [named('x', '1')], queryParams: [named('q', '1')] },
    ],
    ['more parameters', { queryParams: [named('q', '1'), named('r', '1')] }, { queryParams: [named('q', '1')] }],
    ['the smaller key', {}, {}],
  ])('%s wins', (_, winner, loser) => {
    const request = asked('GET', 'a.com/a/b?q=1&r=1', { x: '1', y: '1' })
    expect(taker({ '1': { matches: [winner] }, '2': { matches: [loser] } }, request)).toBe('1')
    if (JSON.stringify(winner) !== JSON.stringify(loser))
      expect(taker({ '1': { matches: [loser] }, '2': { matches: [winner] } }, request)).toBe('2')
  })

  it.each<[string, Matches, string, boolean]>([
    ['a prefix by path elements', prefix('/a'), '/a/b', true],
    ['a prefix by path elements', prefix('/a'), '/ab', false],
    ['a prefix with a slash at its end', prefix('/a/'), '/a', true],
    ['an exact path', path('exact', '/a'), '/a/', false],
    ['an exact path', path('exact', '/a'), '/a?b', true],
    ['a whole path', path('regex', '/a.'), '/ab', true],
    ['a whole path', path('regex', '/a.'), '/abc', false],
    ['the first that matches must be the whole', path('regex', '/(a|ab)'), '/ab', false],
    ["the proxy's own way to write", path('regex', '/\\pL\\-[0-9]'), '/ä-1', true],
    ['a method', { method: { exact: 'POST' } }, '/', false],
    ['one of the values of a header', { headers: [named('x', 'b')] }, '/', true],
    ['a header, whatever its case', { headers: [named('X', 'a')] }, '/', true],
    ['a whole value of a header', { headers: [named('x', 'a|b', 'regex')] }, '/', true],
    ['the authority by its own name', { headers: [named(':authority', 'a.com')] }, '/', true],
    ['Host is no header', { headers: [named('host', 'a.com')] }, '/', false],
    ['of a parameter given twice the last one', { queryParams: [named('q', '2')] }, '/?q=1&q=2', true],
    ['a parameter without its escapes', { queryParams: [named('q', 'a b')] }, '/?q=a%20b', true],
    ['a whole value of a parameter', { queryParams: [named('q', '1', 'regex')] }, '/?q=12', false],
  ])('%s: %j and %s is %s', (_, match, target, matches) => {
    const request = asked('GET', `a.com${target}`)
    request.headers.add('x', 'a')
    request.headers.add('x', 'b')
    expect(taker({ r: { matches: [match] } }, request)).toBe(matches ? 'r' : undefined)
  })
})
