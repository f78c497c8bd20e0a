// What becomes of URLs: redirects and rewrites, and which ports are told.
import { describe, expect, it } from '@jest/globals'
import type { PathMatch } from './accept-match.ts'
import { redirected, rewritten } from './url-edit.ts'

const matched: PathMatch = { is: 'prefix', path: '/a' }
const full = (value: string) => ({ is: 'full', value }) as const
const prefix = (value: string) => ({ is: 'prefix', value }) as const
const nothing = { scheme: '', host: '', path: undefined, port: 0, status: 0 }

describe('a redirect', () => {
  it.each([
    ['to the same', {}, 'http://a.com:8080/a/b?c'],
    ['to another scheme: the port stays', { scheme: 'https' }, 'https://a.com:8080/a/b?c'],
    ['to a port', { port: 81 }, 'http://a.com:81/a/b?c'],
    ['to the usual port: none is told', { port: 80 }, 'http://a.com/a/b?c'],
    ['to the usual port of the new scheme', { scheme: 'https', port: 443 }, 'https://a.com/a/b?c'],
    ['to a host: the port stays', { host: 'b.com' }, 'http://b.com:8080/a/b?c'],
    ['to a host and a scheme: it does not', { host: 'b.com', scheme: 'http' }, 'http://b.com/a/b?c'],
    ['to a host and a port: it is told', { host: 'b.com', port: 80 }, 'http://b.com:80/a/b?c'],
    ['to a whole path', { path: full('/x') }, 'http://a.com:8080/x?c'],
    ['to no path at all', { path: full('') }, 'http://a.com:8080/?c'],
    ['to another prefix', { path: prefix('/x') }, 'http://a.com:8080/x/b?c'],
    ['to a prefix with a slash', { path: prefix('/x/') }, 'http://a.com:8080/x/b?c'],
    ['without the prefix', { path: prefix('/') }, 'http://a.com:8080/b?c'],
  ])('%s', (_, draft, location) => {
    const url = { scheme: 'http', authority: 'a.com:8080', target: '/a/b?c' }
    expect(redirected({ ...nothing, ...draft }, url, matched)).toBe(location)
  })
})

describe('a rewrite', () => {
  it.each([
    ['the host: without the port', { host: 'b.com', path: undefined }, '/a', 'b.com', '/a'],
    ['a whole path', { host: '', path: full('/x') }, '/a/b?c', 'a.com:8080', '/x?c'],
    ['the prefix', { host: '', path: prefix('/x') }, '/a', 'a.com:8080', '/x'],
    ['the prefix and a slash', { host: '', path: prefix('/x') }, '/a/', 'a.com:8080', '/x/'],
    ['the prefix away', { host: '', path: prefix('/') }, '/a', 'a.com:8080', '/'],
  ])('of %s', (_, rewrite, target, authority, becomes) => {
    const url = { scheme: 'http', authority: 'a.com:8080', target }
    expect(rewritten(rewrite, url, matched)).toEqual({ scheme: 'http', authority, target: becomes })
  })

  it('of a prefix needs one that matched', () => {
    const url = { scheme: 'http', authority: 'a.com', target: '/a' }
    expect(() => rewritten({ host: '', path: prefix('/x') }, url, { is: 'exact', path: '/a' })).toThrow(/prefix match/)
  })
})
