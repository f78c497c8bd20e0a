import { describe, expect, it } from '@jest/globals'
import { type Backend, BackendProtocol, type BackendTls as Tls, type WeightedBackend } from '@penstock/ir'
import { emitBackendTls } from './backend-tls.ts'
import {
  emitBackends,
  type ForwardingContext,
  needsUnavailable,
  referToBackend,
  type UsedBackend,
} from './forwarding.ts'

const { BACKEND_PROTOCOL_HTTP1: http1, BACKEND_PROTOCOL_H2C: h2c } = BackendProtocol
const pem = (text: string): Uint8Array => new TextEncoder().encode(text)

const backend = (fields: Partial<Backend> = {}): Backend => ({
  ...{
    source: undefined,
    kind: 'Service',
    namespace: 'default',
    name: 'web',
    port: 8080,
    variant: '',
    protocol: http1,
  },
  ...{ discovery: undefined, tls: undefined },
  ...fields,
})
const used = (fields: Partial<UsedBackend> = {}): UsedBackend => ({
  ...{ backend: backend(), isClosed: false, from: [] },
  ...fields,
})
const tls = { hostname: 'web.example.com', root: pem('ca') }

const backends: Readonly<Record<string, UsedBackend>> = {
  web: used(),
  closed: used({ isClosed: true }),
  h2c: used({ backend: backend({ protocol: h2c }) }),
  grpc: used({ backend: backend({ protocol: h2c, variant: 'grpc' }) }),
  secure: used({ tls }),
}

const context = (certificate?: { cert: Uint8Array; key: Uint8Array }): ForwardingContext => ({
  site: { scheme: 'http', port: 80 },
  backendAt: (key) => backends[key],
  referTo: (key) => referToBackend(backends[key]),
  certificate: () => certificate,
})

const to = (value: string, weight = 1): WeightedBackend => ({
  weight,
  filters: [],
  target: { $case: 'backend', value },
})
const answering = (value: number, weight = 1): WeightedBackend => ({
  ...{ weight, filters: [] },
  target: { $case: 'answer', value },
})

const web = {
  kind: { $case: 'service', value: { namespace: 'default', hostname: 'web.default.svc.cluster.local' } },
  port: 8080,
}
const unavailable = {
  kind: { $case: 'service', value: { namespace: 'penstock', hostname: 'unavailable.penstock.internal' } },
  port: 80,
}
const http2 = { kind: { $case: 'backendHttp', value: { version: 2 } } }
const certificate = { cert: pem('chain'), key: pem('key') }

// Table "How Gateway API things are expressed": backendRef to Service, unresolvable backendRef.
describe('a share', () => {
  it.each<[string, WeightedBackend, object]>([
    ['of a Service, by the port of the Service', to('web', 3), { weight: 3, backend: web }],
    ['of no weight', to('web', 0), { weight: 0, backend: web }],
    ['that is answered with 500 names nothing', answering(500, 2), { weight: 2, backend: {} }],
    ['that is answered with 503 names what has no endpoint', answering(503), { weight: 1, backend: unavailable }],
    ['of a backend that is unknown names nothing', to('other'), { weight: 1, backend: {} }],
    ['of a closed backend', to('closed'), { weight: 1, backend: unavailable }],
    ['of HTTP/2 without TLS: its Service says so', to('h2c'), { weight: 1, backend: web }],
    ['of gRPC', to('grpc'), { weight: 1, backend: web, backendPolicies: [http2] }],
    ['by TLS: a policy of its Service says how', to('secure'), { weight: 1, backend: web }],
    [
      'with a filter that answers',
      { ...to('web'), filters: [{ filter: { $case: 'answer', value: 500 } }] },
      { weight: 1, backend: {} },
    ],
  ])('%s', (_, share, expected) => {
    expect(emitBackends([share], context())).toEqual([expected])
  })

  it('by TLS through a Gateway with a certificate says all of it itself', () => {
    expect(emitBackends([to('secure'), to('web')], context(certificate))).toEqual([
      {
        weight: 1,
        backend: web,
        backendPolicies: [{ kind: { $case: 'backendTls', value: { ...tls, ...certificate } } }],
      },
      { weight: 1, backend: web },
    ])
  })

  it('of a newer schema holds the rule at its last good state', () => {
    expect(() => emitBackends([{ weight: 1, filters: [], target: undefined }], context())).toThrow('newer schema')
  })

  it.each<[WeightedBackend[], boolean]>([
    [[answering(503)], true],
    [[to('web'), answering(500)], false],
    [[{ ...to('web'), filters: [{ filter: { $case: 'answer', value: 503 } }] }], true],
  ])('asks for what has no endpoint', (shares, expected) => {
    expect(needsUnavailable(shares)).toBe(expected)
  })
})

describe('TLS to a backend', () => {
  const hostname = (value: string) => ({ name: { $case: 'hostname', value } as const })
  it.each<[string, Pick<Tls, 'names'>, object]>([
    ['for the name that is asked for', { names: [hostname('web.example.com')] }, {}],
    ['for another name', { names: [hostname('other.com')] }, { verifySubjectAltNames: ['other.com'] }],
    [
      'for one of several names',
      { names: [hostname('web.example.com'), { name: { $case: 'uri', value: 'spiffe://a/b' } }] },
      { verifySubjectAltNames: ['web.example.com', 'spiffe://a/b'] },
    ],
    // The proxy rejects what names a wildcard, and would go on without TLS.
    [
      'for a name beside a wildcard',
      { names: [hostname('*.example.com'), hostname('other.com')] },
      { verifySubjectAltNames: ['other.com'] },
    ],
  ])('%s', (_, { names }, expected) => {
    const system: Tls = { serverName: 'web.example.com', names, trust: { $case: 'system', value: {} } }
    expect(emitBackendTls(system, undefined)).toEqual({ hostname: 'web.example.com', ...expected })
    expect(emitBackendTls(system, pem('ca'))).toEqual({ hostname: 'web.example.com', root: pem('ca'), ...expected })
  })

  it.each([
    ['*.example.com', 'web.example.com'],
    [`${'a'.repeat(64)}.com`, 'web.example.com'],
    ['web.example.com', `${'a'.repeat(64)}.com`],
  ])('for %s, asked for as %s, is none that the proxy takes', (name, serverName) => {
    const tls: Tls = { serverName, names: [hostname(name)], trust: { $case: 'system', value: {} } }
    expect(emitBackendTls(tls, undefined)).toBeUndefined()
  })
})
