import { describe, expect, it } from '@jest/globals'
import type { HttpFilter } from '@penstock/ir'
import { emitBackendFilters, emitRuleFilters, type FilterContext } from './filters.ts'

const context: FilterContext = {
  site: { scheme: 'http', port: 80 },
  referTo: (backend) => ({ kind: { $case: 'service', value: { namespace: 'default', hostname: backend } }, port: 80 }),
}

type Filter = NonNullable<HttpFilter['filter']>
const edit = { set: [{ name: 'a', value: '1' }], add: [{ name: 'b', value: '2' }], remove: ['c'] }
const redirect: Filter = {
  $case: 'redirect',
  value: { scheme: '', hostname: 'a.com', port: 0, path: undefined, status: 301 },
}
const answer: Filter = { $case: 'answer', value: 501 }
const mirror = (backend: string, numerator = 1, denominator = 1): Filter => ({
  $case: 'mirror',
  value: { backend, numerator, denominator },
})
const mirrored = (backend: string, percentage: number) => ({ backend: context.referTo(backend), percentage })
const cors = { allowMethods: ['GET'], allowHeaders: ['x'], exposeHeaders: ['y'], allowCredentials: true }
const origins = { allowOrigins: ['https://*.a.com'] }
const goes = { $case: 'requestRedirect', value: { scheme: 'http', host: 'a.com', status: 301 } }

const filters = (list: readonly Filter[]): HttpFilter[] => list.map((filter) => ({ filter }))

describe('filters of a rule', () => {
  it.each<[string, Filter[], object[]]>([
    ['edit requests', [{ $case: 'requestHeaders', value: edit }], [{ $case: 'requestHeaderModifier', value: edit }]],
    ['edit responses', [{ $case: 'responseHeaders', value: edit }], [{ $case: 'responseHeaderModifier', value: edit }]],
    ['redirect', [redirect], [goes]],
    [
      'rewrite',
      [{ $case: 'urlRewrite', value: { hostname: 'b.com', path: { edit: { $case: 'replaceFull', value: '/x' } } } }],
      [{ $case: 'urlRewrite', value: { host: 'b.com', path: { $case: 'full', value: '/x' } } }],
    ],
    ['answer', [answer], [{ $case: 'directResponse', value: { status: 501 } }]],
    [
      'copy requests, all in one policy',
      [mirror('one'), { $case: 'responseHeaders', value: edit }, mirror('two', 1, 3)],
      [
        { $case: 'requestMirror', value: { mirrors: [mirrored('one', 100), mirrored('two', 100 / 3)] } },
        { $case: 'responseHeaderModifier', value: edit },
      ],
    ],
    [
      'allow other sites',
      [{ $case: 'cors', value: { ...cors, ...origins, maxAgeSeconds: 5 } }],
      [{ $case: 'cors', value: { ...cors, ...origins, maxAge: { seconds: 5n, nanos: 0 } } }],
    ],
    ['end a request once: an answer first', [answer, redirect], [{ $case: 'directResponse', value: { status: 501 } }]],
    ['end a request once: a redirect first', [redirect, answer], [goes]],
    [
      'that the plane lacks answer 500 rather than be skipped',
      [{ $case: 'session', value: { carrier: { $case: 'header', value: 'x' } } }],
      [{ $case: 'directResponse', value: { status: 500 } }],
    ],
  ])('%s', (_, list, expected) => {
    expect(emitRuleFilters(filters(list), context)).toEqual(expected)
  })
})

describe('filters of a backend', () => {
  it.each<[string, Filter[], object]>([
    [
      'edit requests and responses',
      [
        { $case: 'requestHeaders', value: edit },
        { $case: 'responseHeaders', value: edit },
      ],
      {
        policies: [
          { $case: 'requestHeaderModifier', value: edit },
          { $case: 'responseHeaderModifier', value: edit },
        ],
      },
    ],
    [
      'copy requests',
      [mirror('one')],
      { policies: [{ $case: 'requestMirror', value: { mirrors: [mirrored('one', 100)] } }] },
    ],
    ['answer', [answer], { policies: [], answer: 501 }],
    [
      'that the plane lacks answer 500 rather than be skipped',
      [{ $case: 'urlRewrite', value: { hostname: 'b.com', path: undefined } }],
      { policies: [], answer: 500 },
    ],
  ])('%s', (_, list, expected) => {
    expect(emitBackendFilters(filters(list), context)).toEqual(expected)
  })
})

it('a filter of a newer schema holds the rule at its last good state', () => {
  expect(() => emitRuleFilters([{}], context)).toThrow('newer schema')
})
