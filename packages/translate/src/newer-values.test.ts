// A cluster may serve newer CRDs than ours: a value that we do not know is refused, never taken for another.
import { describe, expect, it } from '@jest/globals'
import type { HttpRouteFilter, HttpRouteRule } from '@penstock/gateway-api'
import type { BackendReads } from './backend-target.ts'
import { translateFilters } from './filters.ts'
import { httpRouteSyntax } from './http-route.ts'
import { translateHttpMatches } from './matches.ts'
import { capabilities } from './rig.test-data.ts'

const unread = {} as BackendReads

describe('a newer value', () => {
  it.each<[string, object, string]>([
    ['type', { type: 'Teleport' }, ' asks for Teleport, which is not supported here'],
    [
      'scheme',
      { type: 'RequestRedirect', requestRedirect: { scheme: 'h3', statusCode: 302 } },
      ' redirects to the unknown scheme h3',
    ],
    [
      'status',
      { type: 'RequestRedirect', requestRedirect: { statusCode: 310 } },
      ' redirects with the status 310, which is not supported',
    ],
    [
      'path modifier',
      { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplaceRegex' } } },
      ' changes the path in an unknown way',
    ],
    ['union without its member', { type: 'URLRewrite' }, ' is of type URLRewrite but has no urlRewrite'],
  ])('of a filter: %s', (_, filter, mistake) => {
    const rule = { namespace: 'default', place: 'spec.rules[0]', syntax: httpRouteSyntax }
    expect(translateFilters([filter as HttpRouteFilter], capabilities.filters, rule, unread)).toEqual({
      filters: [],
      unresolved: [],
      problems: [{ reason: 'UnsupportedValue', message: `spec.rules[0].filters[0]${mistake}.` }],
    })
  })

  it.each<[string, object, string]>([
    ['path', { path: { type: 'Glob', value: '/*' } }, 'path.type is Glob'],
    [
      'header',
      { path: { type: 'Exact', value: '/' }, headers: [{ name: 'a', type: 'Present', value: '1' }] },
      'headers[0].type is Present',
    ],
  ])('of a match: %s', (_, match, mistake) => {
    expect(translateHttpMatches({ matches: [match] } as unknown as HttpRouteRule, 'spec.rules[0]')).toEqual({
      matches: [],
      problems: [
        { reason: 'UnsupportedValue', message: `spec.rules[0].matches[0].${mistake}, which is not supported.` },
      ],
    })
  })
})
