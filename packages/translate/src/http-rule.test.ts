import { describe, expect, it } from '@jest/globals'
import type { HttpRule } from '@penstock/ir'
import {
  capabilities,
  createRig,
  everyPlane,
  gateway,
  gatewayClass,
  http,
  httpRoute,
  type Rig,
  service,
  to,
} from './rig.test-data.ts'

const base = [gatewayClass(), gateway('gw', [http('http')]), service('v1')]
const rigOf = (...rules: object[]): Rig => createRig([...base, httpRoute('web', rules)])
const ruleOf = (rule: object): HttpRule => rigOf({ ...to('v1'), ...rule }).rule('default/web/#0')
const answer500 = { filters: [{ filter: { $case: 'answer', value: 500 } }], backends: [] }

describe('matches', () => {
  it.each<[string, object, object]>([
    [
      'by default everything',
      {},
      { path: { $case: 'prefix', value: '/' }, method: '', headers: [], query: [], grpc: false },
    ],
    ['an empty list too', { matches: [] }, { path: { $case: 'prefix', value: '/' } }],
    [
      'exact path',
      { matches: [{ path: { type: 'Exact', value: '/a/' } }] },
      { path: { $case: 'exact', value: '/a/' } },
    ],
    [
      'prefix',
      { matches: [{ path: { type: 'PathPrefix', value: '/a/b/' } }] },
      { path: { $case: 'prefix', value: '/a/b' } },
    ],
    [
      'regex',
      { matches: [{ path: { type: 'RegularExpression', value: '/a[0-9]' } }] },
      { path: { $case: 'regex', value: '/a[0-9]' } },
    ],
    ['method', { matches: [{ method: 'PATCH' }] }, { method: 'PATCH' }],
    [
      'headers: lower case, the first of a name counts',
      {
        matches: [
          {
            headers: [
              { name: 'X-A', value: '1' },
              { name: 'x-a', value: '2' },
              { name: 'B', type: 'RegularExpression', value: '^b' },
            ],
          },
        ],
      },
      {
        headers: [
          { name: 'x-a', value: { $case: 'exact', value: '1' } },
          { name: 'b', value: { $case: 'regex', value: '^b' } },
        ],
      },
    ],
    [
      'query parameters, as they are written',
      {
        matches: [
          {
            queryParams: [
              { name: 'A', value: '1' },
              { name: 'a', type: 'RegularExpression', value: '.' },
            ],
          },
        ],
      },
      {
        query: [
          { name: 'A', value: { $case: 'exact', value: '1' } },
          { name: 'a', value: { $case: 'regex', value: '.' } },
        ],
      },
    ],
  ])('%s', (_, rule, match) => {
    expect(ruleOf(rule).matches).toMatchObject([match])
  })

  it.each<[string, object, string]>([
    [
      'path',
      { path: { type: 'RegularExpression', value: '/[' } },
      'spec.rules[0].matches[1].path.value, "/[", is no RE2 expression',
    ],
    [
      'header',
      { headers: [{ name: 'a', type: 'RegularExpression', value: '(' }] },
      'spec.rules[0].matches[1].headers[0].value, "(",',
    ],
    [
      'query',
      { queryParams: [{ name: 'a', type: 'RegularExpression', value: '(?=x)' }] },
      'spec.rules[0].matches[1].queryParams[0].value',
    ],
  ])(
    'an expression that does not compile (%s) makes the rule invalid; what matches still, gets 500',
    (_, match, why) => {
      const rig = rigOf({ ...to('v1'), matches: [{ path: { value: '/a' } }, match] })
      expect(rig.rule('default/web/#0')).toMatchObject({ ...answer500, matches: [{ path: { value: '/a' } }] })
      expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False UnsupportedValue' }])
      expect(rig.message('HTTPRoute', 'web', 'Accepted')).toContain(why)
    },
  )

  it('says of each dropped rule what becomes of its requests', () => {
    const unmatched = { ...to('v1'), matches: [{ path: { type: 'RegularExpression', value: '[' } }] }
    const refused = {
      ...to('v1'),
      filters: [{ type: 'ExtensionRef', extensionRef: { group: 'a', kind: 'B', name: 'c' } }],
    }
    const rig = rigOf(unmatched, refused, to('v1'))
    expect(rig.message('HTTPRoute', 'web', 'PartiallyInvalid')).toMatch(
      /^Dropped Rule spec\.rules\[1]: requests that match get 500\. spec\.rules\[0]: no request matches\. spec\.rules\[0]\.m/,
    )
  })

  it('a rule with nothing else has no record, and its neighbours keep their names', () => {
    const rig = rigOf({ ...to('v1'), matches: [{ path: { type: 'RegularExpression', value: '[' } }] }, to('v1'))
    expect([...rig.records('http_rule').keys()]).toEqual(['http_rule/HTTPRoute/default/web/#1'])
    expect(rig.routeSays('web')).toMatchObject([
      { Accepted: 'True Accepted', PartiallyInvalid: 'True UnsupportedValue' },
    ])
    expect(rig.message('HTTPRoute', 'web', 'PartiallyInvalid')).toMatch(
      /^Dropped Rule spec\.rules\[0]: no request matches\. spec\.rules\[0]\.matches\[0]\.path\.value, "\[", is no RE2/,
    )
  })
})

describe('filters', () => {
  const header = (type: string, field: string, edit: object): object => ({ filters: [{ type, [field]: edit }] })
  const redirect = (more: object): object => ({
    backendRefs: [],
    filters: [{ type: 'RequestRedirect', requestRedirect: more }],
  })
  const rewrite = (more: object): object => ({ filters: [{ type: 'URLRewrite', urlRewrite: more }] })

  it.each<[string, object, object]>([
    [
      'request headers: lower case, the first of a name counts',
      header('RequestHeaderModifier', 'requestHeaderModifier', {
        set: [
          { name: 'X-A', value: '1' },
          { name: 'x-a', value: '2' },
        ],
        add: [{ name: 'B', value: '3' }],
        remove: ['C', 'c'],
      }),
      {
        $case: 'requestHeaders',
        value: { set: [{ name: 'x-a', value: '1' }], add: [{ name: 'b', value: '3' }], remove: ['c'] },
      },
    ],
    [
      'response headers',
      header('ResponseHeaderModifier', 'responseHeaderModifier', { remove: ['server'] }),
      { $case: 'responseHeaders', value: { set: [], add: [], remove: ['server'] } },
    ],
    [
      'redirect: the listener decides the port',
      redirect({ hostname: 'a.com' }),
      { $case: 'redirect', value: { scheme: '', hostname: 'a.com', port: 0, path: undefined, status: 302 } },
    ],
    [
      'redirect: the scheme decides the port',
      redirect({ scheme: 'https', statusCode: 301 }),
      { $case: 'redirect', value: { scheme: 'https', hostname: '', port: 443, path: undefined, status: 301 } },
    ],
    [
      'redirect: the port is given',
      redirect({ scheme: 'http', port: 8080 }),
      { $case: 'redirect', value: { scheme: 'http', hostname: '', port: 8080, path: undefined, status: 302 } },
    ],
    [
      'redirect: another path',
      redirect({ path: { type: 'ReplaceFullPath', replaceFullPath: '/b' } }),
      {
        $case: 'redirect',
        value: {
          scheme: '',
          hostname: '',
          port: 0,
          path: { edit: { $case: 'replaceFull', value: '/b' } },
          status: 302,
        },
      },
    ],
    [
      'rewrite',
      rewrite({ hostname: 'b.com', path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '' } }),
      { $case: 'urlRewrite', value: { hostname: 'b.com', path: { edit: { $case: 'replacePrefix', value: '' } } } },
    ],
  ])('%s', (_, rule, filter) => {
    expect(ruleOf(rule).filters).toEqual([{ filter }])
  })

  it('a redirect ends the request: there is no backend, and none is missing', () => {
    const rig = rigOf(redirect({ scheme: 'https' }))
    expect(rig.rule('default/web/#0').backends).toEqual([])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' }])
  })

  it.each<[string, object, string]>([
    [
      'ExternalAuth',
      { type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: { name: 'v1', port: 80 }, http: {} } },
      'asks for ExternalAuth',
    ],
    [
      'ExtensionRef',
      { type: 'ExtensionRef', extensionRef: { group: 'a.com', kind: 'B', name: 'c' } },
      'asks for ExtensionRef',
    ],
    [
      'two actions for one header',
      { type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'A', value: '1' }], remove: ['a'] } },
      'has more than one action for the header a',
    ],
    ...[':path', '', 'a b', 'a\nb', 'é'].map((name): [string, object, string] => [
      `to remove ${JSON.stringify(name)}`,
      { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: [name] } },
      `names ${JSON.stringify(name)}, which is no name of a header`,
    ]),
    [
      'to remove Host',
      { type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['Host'] } },
      'removes the header host',
    ],
    [
      'a Host for an answer',
      { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'Host', value: 'a' }] } },
      'edits the header host',
    ],
    ...['/a\nb', '/a b', '/\0', '/é', '/\x7f'].map((path): [string, object, string] => [
      `the path ${JSON.stringify(path)}`,
      { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: path } } },
      `changes the path to ${JSON.stringify(path)}`,
    ]),
  ])('%s is never skipped: its rule answers 500 and the others go on', (_, filter, why) => {
    const rig = rigOf({ ...to('v1'), filters: [filter], matches: [{ path: { value: '/a' } }] }, to('v1'))
    expect(rig.rule('default/web/#0')).toMatchObject(answer500)
    expect(rig.rule('default/web/#1').backends).toMatchObject([{ target: { $case: 'backend' } }])
    expect(rig.routeSays('web')).toMatchObject([
      { Accepted: 'True Accepted', PartiallyInvalid: 'True UnsupportedValue' },
    ])
    expect(rig.message('HTTPRoute', 'web', 'PartiallyInvalid')).toContain(
      `Dropped Rule spec.rules[0]: requests that match get 500. spec.rules[0].filters[0] ${why}`,
    )
  })

  it('what the plane lacks is refused like what we lack', () => {
    const envoy = { ...capabilities, filters: new Set(['redirect'] as const) }
    const route = httpRoute('web', [{ ...to('v1'), ...rewrite({ hostname: 'b.com' }) }])
    const rig = createRig([...base, route], { capabilities: everyPlane(envoy) })
    expect(rig.rule('default/web/#0')).toMatchObject(answer500)
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False UnsupportedValue' }])
  })

  it('of a backend are its own, and one that it cannot have makes the rule invalid', () => {
    const set = { requestHeaderModifier: { set: [{ name: 'A', value: '1' }] }, type: 'RequestHeaderModifier' }
    expect(ruleOf(to('v1', { filters: [set] })).backends).toMatchObject([
      { filters: [{ filter: { $case: 'requestHeaders', value: { set: [{ name: 'a', value: '1' }] } } }] },
    ])
    const rig = rigOf(to('v1', { filters: [{ type: 'CORS', cors: { allowOrigins: ['*'] } }] }))
    expect(rig.rule('default/web/#0')).toMatchObject(answer500)
    expect(rig.message('HTTPRoute', 'web', 'Accepted')).toContain(
      'spec.rules[0].backendRefs[0].filters[0] asks for CORS',
    )
  })
})

describe('a rule', () => {
  it('is known by its name or its place, and remembers the age of its route', () => {
    const rig = rigOf(to('v1'), { ...to('v1'), name: 'second' })
    expect([...rig.records('http_rule').keys()]).toEqual([
      'http_rule/HTTPRoute/default/web/#0',
      'http_rule/HTTPRoute/default/web/second',
    ])
    const [first, second] = [rig.rule('default/web/#0'), rig.rule('default/web/second')]
    expect([first.rule, second.rule]).toEqual(['#0', 'second'])
    expect(first.precedence < second.precedence).toBe(true)
  })

  it.each<[object, object | undefined]>([
    [{}, undefined],
    [{ timeouts: { request: '1m30s' } }, { requestMs: 90_000 }],
    [{ timeouts: { request: '0s', backendRequest: '500ms' } }, { requestMs: 0, backendRequestMs: 500 }],
    [{ timeouts: { request: '99999h' } }, { requestMs: 4_294_967_295 }],
  ])('with %j has the timeouts %j', (rule, timeouts) => {
    expect(ruleOf(rule).timeouts).toEqual(timeouts)
  })

  it.each<[object, object | undefined]>([
    [{}, undefined],
    [{ retry: {} }, { attempts: 1, codes: [] }],
    [{ retry: { attempts: 0, codes: [500] } }, undefined],
    [
      { retry: { attempts: 3, codes: [503, 500], backoff: '1s500ms' } },
      { attempts: 3, codes: [500, 503], backoffMs: 1_500 },
    ],
    [
      { retry: { attempts: 5e12, backoff: '99999h99999h' } },
      { attempts: 4_294_967_295, codes: [], backoffMs: 4_294_967_295 },
    ],
  ])('with %j has the retries %j', (rule, retry) => {
    expect(ruleOf(rule).retry).toEqual(retry)
  })
})
