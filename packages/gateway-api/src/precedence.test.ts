import { describe, expect, it } from '@jest/globals'
import {
  grpcMatchPrecedence,
  matchPrecedence,
  type PrecedenceOfGrpcMatch,
  type PrecedenceOfMatch,
  rulePrecedence,
} from './precedence.ts'

const exact = (value: string): PrecedenceOfMatch => ({ path: { type: 'Exact', value } })
const prefix = (value: string): PrecedenceOfMatch => ({ path: { type: 'PathPrefix', value } })
const regex = (value: string): PrecedenceOfMatch => ({ path: { type: 'RegularExpression', value } })
const headers = (...names: string[]): Pick<PrecedenceOfMatch, 'headers'> => ({
  headers: names.map((name) => ({ name })),
})
const query = (...names: string[]): PrecedenceOfMatch => ({ queryParams: names.map((name) => ({ name })) })

describe('matchPrecedence', () => {
  // HTTPRouteRule.matches: "precedence must be given to the match having", in this order.
  it.each([
    ['an exact path over a longer prefix', exact('/a'), prefix('/a/long/prefix')],
    [
      'an exact path over a prefix with everything else',
      exact('/a'),
      { ...prefix('/a'), method: 'GET', ...headers('x', 'y') },
    ],
    ['an exact path over a regular expression', exact('/a'), regex('/a.*')],
    ['a regular expression over a prefix', regex('/a.*'), prefix('/a/long/prefix')],
    ['the longer regular expression', regex('/ab.*'), regex('/a.*')],
    ['the longer prefix', prefix('/ab'), prefix('/a')],
    ['the longer prefix over a method', prefix('/ab'), { ...prefix('/a'), method: 'GET' }],
    ['ten characters over nine', prefix('/123456789'), prefix('/12345678')],
    ['a path over none, which is the prefix "/"', prefix('/a'), { method: 'GET' }],
    ['a method over any number of headers', { method: 'GET' }, headers('a', 'b', 'c')],
    ['more headers', headers('a', 'b'), headers('a')],
    ['ten headers over nine', headers(...'abcdefghij'), headers(...'abcdefghi')],
    ['a header over any number of query parameters', headers('a'), query('a', 'b', 'c')],
    ['more query parameters', query('a', 'b'), query('a')],
    ['method, headers and query parameters also between exact paths', { ...exact('/a'), ...query('a') }, exact('/abc')],
  ])('prefers %s', (_, winner, loser) => {
    expect(matchPrecedence(winner) < matchPrecedence(loser)).toBe(true)
  })

  it.each([
    ['lengths of exact paths', exact('/a'), exact('/abc')],
    ['a trailing slash of a prefix', prefix('/a/'), prefix('/a')],
    ['a header named twice, in any case', headers('a', 'A'), headers('a')],
    ['a query parameter named twice', query('a', 'a'), query('a')],
    ['which method', { method: 'GET' }, { method: 'POST' }],
    ['whether the default is written', prefix('/'), {}],
  ])('makes nothing of %s', (_, one, other) => {
    expect(matchPrecedence(one)).toBe(matchPrecedence(other))
  })
})

describe('grpcMatchPrecedence', () => {
  const call = (service?: string, method?: string): PrecedenceOfGrpcMatch => ({ method: { service, method } })
  const matching = (service?: string, method?: string): PrecedenceOfGrpcMatch => ({
    method: { type: 'RegularExpression', service, method },
  })

  // GRPCRouteRule.matches: "precedence must be given to the rule with the largest number of", in this order.
  it.each([
    ['a service over a method', call('a'), call(undefined, 'longer')],
    ['a service over any number of headers', call('a'), headers('x', 'y')],
    ['a method beside the service', call('a', 'b'), call('a')],
    ['a method over any number of headers', call('a', 'b'), { ...call('a'), ...headers('x', 'y') }],
    ['more headers', { ...call('a'), ...headers('x', 'y') }, { ...call('a'), ...headers('x') }],
    ['a header over the way to compare', { ...matching('a.*'), ...headers('x') }, call('abc')],
    ['the text over an expression', call('a', 'b'), matching('a.*', 'b.*')],
    ['the longer expression', matching('ab.*'), matching('a.*')],
    ['anything over nothing', headers('x'), {}],
  ])('prefers %s', (_, winner, loser) => {
    expect(grpcMatchPrecedence(winner) < grpcMatchPrecedence(loser)).toBe(true)
  })

  it.each([
    ['lengths of services that no call can match at once', call('a'), call('abc')],
    ['empty names', call('', ''), {}],
    ['a header named twice, in any case', headers('a', 'A'), headers('a')],
  ])('makes nothing of %s', (_, one, other) => {
    expect(grpcMatchPrecedence(one)).toBe(grpcMatchPrecedence(other))
  })

  it('comes before every match for HTTP, which takes calls too', () => {
    expect(grpcMatchPrecedence({}) < matchPrecedence(exact('/a'))).toBe(true)
  })
})

describe('rulePrecedence', () => {
  const route = { creationTimestamp: '2026-01-01T00:00:00Z', namespace: 'b', name: 'b' }
  it.each([
    [
      'the older route',
      rulePrecedence({ ...route, creationTimestamp: '2025-12-31T23:59:59Z' }, 9),
      rulePrecedence(route, 0),
    ],
    [
      'of the same age, the first namespace',
      rulePrecedence({ ...route, namespace: 'a', name: 'z' }, 9),
      rulePrecedence(route, 0),
    ],
    ['in one namespace, the first name', rulePrecedence({ ...route, name: 'a' }, 9), rulePrecedence(route, 0)],
    [
      'a name over its extension',
      rulePrecedence({ ...route, name: 'b' }, 9),
      rulePrecedence({ ...route, name: 'b-2' }, 0),
    ],
    ['in one route, the first rule', rulePrecedence(route, 2), rulePrecedence(route, 10)],
  ])('prefers %s', (_, winner, loser) => {
    expect(winner < loser).toBe(true)
  })
})
