import { describe, expect, it } from '@jest/globals'
import type { HttpMatch } from '@penstock/ir'
import { emitMatch } from './matches.ts'

const match = (fields: Partial<HttpMatch>): HttpMatch => ({
  ...{ precedence: '', path: { $case: 'prefix', value: '/' }, method: '', headers: [], query: [], grpc: false },
  ...fields,
})
const root = { kind: { $case: 'pathPrefix', value: '/' } }
const exactly = { name: 'version', value: { $case: 'exact', value: '2' } } as const
const like = { name: 'version', value: { $case: 'regex', value: '[0-9]' } } as const
const isGrpc = { name: 'content-type', value: { $case: 'regex', value: 'application/grpc(\\+.*)?' } }

describe('a match', () => {
  it.each<[string, Partial<HttpMatch>, object]>([
    [
      'of an exact path',
      { path: { $case: 'exact', value: '/a' } },
      { path: { kind: { $case: 'exact', value: '/a' } } },
    ],
    [
      'of a prefix, as it is: the proxy matches by path element',
      { path: { $case: 'prefix', value: '/a' } },
      { path: { kind: { $case: 'pathPrefix', value: '/a' } } },
    ],
    [
      'of a regular expression, as it is: the proxy matches the whole path',
      { path: { $case: 'regex', value: '/v[0-9]+' } },
      { path: { kind: { $case: 'regex', value: '/v[0-9]+' } } },
    ],
    ['of a method', { method: 'GET' }, { method: { exact: 'GET' } }],
    ['of headers', { headers: [exactly, like] }, { headers: [exactly, like] }],
    ['of query parameters', { query: [exactly, like] }, { queryParams: [exactly, like] }],
    // Seen on the proxy: what came as Host or :authority is a header by the latter name only.
    [
      'of Host, which is no header to the proxy',
      { headers: [{ ...exactly, name: 'Host' }], query: [{ ...exactly, name: 'host' }] },
      { headers: [{ ...exactly, name: ':authority' }], queryParams: [{ ...exactly, name: 'host' }] },
    ],
    // Table "How Gateway API things are expressed", GRPC method: a service alone is a prefix, neither of them is "/".
    [
      'of a gRPC service',
      { grpc: true, path: { $case: 'prefix', value: '/shop.Cart' } },
      { path: { kind: { $case: 'pathPrefix', value: '/shop.Cart' } }, headers: [isGrpc] },
    ],
    [
      'of a gRPC method of any service, which ranks after every service and before all calls',
      { grpc: true, path: { $case: 'regex', value: '/[^/]+/(?:Add)' }, headers: [exactly] },
      {
        method: { exact: 'POST' },
        headers: [exactly, isGrpc, { name: ':path', value: { $case: 'regex', value: '/[^/]+/(?:Add)' } }],
      },
    ],
    [
      'of a gRPC method of services by a regular expression',
      { grpc: true, path: { $case: 'regex', value: '/(?:shop.*)/[^/]+' } },
      { path: { kind: { $case: 'regex', value: '/(?:shop.*)/[^/]+' } }, headers: [isGrpc] },
    ],
    ['of every gRPC call', { grpc: true, headers: [exactly] }, { headers: [exactly, isGrpc] }],
  ])('%s', (_, fields, expected) => {
    expect(emitMatch(match(fields))).toEqual({ path: root, headers: [], queryParams: [], ...expected })
  })

  it.each<[string, Partial<HttpMatch>]>([
    ['path', { path: undefined }],
    ['header', { headers: [{ name: 'a', value: undefined }] }],
    ['query parameter', { query: [{ name: 'a', value: undefined }] }],
  ])('with a %s of a newer schema holds the rule at its last good state', (_, fields) => {
    expect(() => emitMatch(match(fields))).toThrow('newer schema')
  })
})
