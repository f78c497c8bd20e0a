import { describe, expect, it } from '@jest/globals'
import type { PathEdit, Redirect } from '@penstock/ir'
import { emitPathEdit } from './path-edits.ts'
import { emitRedirect, type Site } from './redirects.ts'

const http: Site = { scheme: 'http', port: 80 }
const odd: Site = { scheme: 'http', port: 8080 }
const https: Site = { scheme: 'https', port: 443 }

const redirect = (fields: Partial<Redirect>): Redirect => ({
  ...{ scheme: '', hostname: '', port: 0, path: undefined, status: 302 },
  ...fields,
})

/** Of the proxy's fields: without a host the port is the one to go to, which it leaves out where that is well known. */
describe('a redirect says', () => {
  it.each<[string, Partial<Redirect>, Site, object]>([
    ['the scheme and port of the listener', {}, http, { scheme: 'http', port: 80 }],
    ['an odd port of the listener', {}, odd, { scheme: 'http', port: 8080 }],
    ['a scheme with its own port', { scheme: 'https', port: 443 }, odd, { scheme: 'https', port: 443 }],
    ['a port', { port: 8083 }, https, { scheme: 'https', port: 8083 }],
    ['a host, without its well-known port', { hostname: 'a.com' }, http, { scheme: 'http', host: 'a.com' }],
    ['a host and an odd port', { hostname: 'a.com' }, odd, { scheme: 'http', host: 'a.com', port: 8080 }],
    [
      'a host, of a scheme with its well-known port',
      { hostname: 'a.com', scheme: 'https', port: 443 },
      odd,
      { scheme: 'https', host: 'a.com' },
    ],
    ['a status', { status: 308 }, http, { scheme: 'http', port: 80, status: 308 }],
  ])('%s', (_, fields, site, expected) => {
    expect(emitRedirect(redirect(fields), site)).toEqual({ status: 302, ...expected })
  })
})

describe('an edit of a path', () => {
  it.each<[string, PathEdit['edit'], object | undefined]>([
    ['in full', { $case: 'replaceFull', value: '/a/' }, { $case: 'full', value: '/a/' }],
    ['in full, without a slash', { $case: 'replaceFull', value: 'a' }, { $case: 'full', value: '/a' }],
    ['of a prefix', { $case: 'replacePrefix', value: '/a' }, { $case: 'prefix', value: '/a' }],
    // Table "How Gateway API things are expressed", URLRewrite: without the slash at its end.
    [
      'of a prefix, with a slash at its end',
      { $case: 'replacePrefix', value: '/a/' },
      { $case: 'prefix', value: '/a' },
    ],
    ['of a prefix, into nothing', { $case: 'replacePrefix', value: '' }, { $case: 'prefix', value: '' }],
    ['of a prefix, into a slash', { $case: 'replacePrefix', value: '/' }, { $case: 'prefix', value: '' }],
    ['that does nothing', undefined, undefined],
  ])('%s', (_, edit, expected) => {
    expect(emitPathEdit({ edit })).toEqual(expected)
  })
})
