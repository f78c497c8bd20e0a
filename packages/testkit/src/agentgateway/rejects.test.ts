// What the proxy refuses, and what it warns of: a row here is one of the tables of data-planes.md, which it names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import {
  bind,
  createStores,
  type Literal,
  listener,
  policy,
  prefix,
  resource,
  route,
  service,
  take,
  to,
  workload,
} from './literals.test-data.ts'
import type { BackendPolicySpec, TrafficPolicySpec } from './policy-tables.ts'
import type { DraftOf } from './wire.ts'

const tlsFolder = join(import.meta.dirname, '../../../../golden/tls')
const pem = (name: string): Uint8Array => readFileSync(join(tlsFolder, `${name}.pem`))
const text = (value: string): Uint8Array => Buffer.from(value)
const pair = { cert: pem('backend'), privateKey: pem('backend') }

const traffic = (kind: DraftOf<typeof TrafficPolicySpec>['kind']): Literal =>
  route('r', { trafficPolicies: [{ kind }] })
const ofBackend = (kind: DraftOf<typeof BackendPolicySpec>['kind']): Literal =>
  route('r', { backends: [to('s', { backendPolicies: [{ kind }] })] })
const target = { kind: { is: 'service', value: { namespace: 'default', hostname: 's' } } } as const
const header = (name: string, value?: { is: 'exact' | 'regex'; value: string }) =>
  route('r', { matches: [{ headers: [{ name, value }] }] })
const path = (kind?: { is: 'exact' | 'pathPrefix' | 'regex'; value: string }) =>
  route('r', { matches: [{ path: { kind } }] })

const refused: readonly (readonly [row: string, literal: Literal, why: RegExp])[] = [
  ['1.1 rejected kinds: workload', resource('w', { is: 'workload', value: text('') }), /unknown resource type/],
  ['1.1 rejected kinds: service', resource('s', { is: 'service', value: text('') }), /unknown resource type/],
  ['1.1 rejected kinds: route_group', resource('g', { is: 'routeGroup', value: text('') }), /unknown resource type/],
  ['Resource without a kind', { ...bind(1), body: new Uint8Array() }, /unknown resource type/],
  ['Bind.protocol: HTTP, TCP, TLS', bind(80, { protocol: 3 }), /unknown enum/],
  ['Bind.tunnel_protocol: 0 to 4', bind(80, { tunnelProtocol: 5 }), /unknown enum/],
  ['Bind.mode: STANDARD, INTERNAL', bind(80, { mode: 2 }), /unknown enum/],
  ['Listener.name required', listener('l', 80, { name: undefined }), /missing required field/],
  ['Listener.protocol UNKNOWN', listener('l', 80, { protocol: 0 }), /unknown protocol/],
  ['Listener.protocol: 0 to 5', listener('l', 80, { protocol: 6 }), /unknown enum/],
  ['1.3 HTTP without tls', listener('l', 80, { protocol: 1, tls: pair }), /http is incompatible with tls/],
  ['1.3 HTTPS with tls', listener('l', 80, { protocol: 2 }), /https is incompatible with no tls/],
  ['1.3 TCP without tls', listener('l', 80, { protocol: 4, tls: pair }), /tcp is incompatible with tls/],
  ['Route.name required', route('r', { name: undefined }), /missing required field/],
  ['Route.service_port is a port', route('r', { servicePort: 65_536 }), /service_port/],
  ['PathMatch present but empty', path(), /invalid path match/],
  ['HeaderMatch without a value', header('x'), /invalid match value/],
  ['HeaderMatch.name', header('x y', { is: 'exact', value: 'a' }), /invalid HTTP header name/],
  ['QueryMatch without a value', route('r', { matches: [{ queryParams: [{ name: 'q' }] }] }), /invalid match value/],
  ['TrafficPolicySpec without a kind', route('r', { trafficPolicies: [{}] }), /missing required field/],
  [
    'BackendPolicySpec without a kind',
    route('r', { backends: [to('s', { backendPolicies: [{}] })] }),
    /missing required/,
  ],
  ['Timeout below zero', traffic({ is: 'timeout', value: { request: { seconds: -1 } } }), /invalid duration/],
  ['Retry codes', traffic({ is: 'retry', value: { retryStatusCodes: [99] } }), /invalid status code/],
  ['RequestRedirect.scheme', traffic({ is: 'requestRedirect', value: { scheme: '1:' } }), /invalid scheme/],
  ['RequestRedirect.status', traffic({ is: 'requestRedirect', value: { status: 99 } }), /invalid status code/],
  ['DirectResponse.status', traffic({ is: 'directResponse', value: {} }), /invalid status code/],
  ['CORS header names', traffic({ is: 'cors', value: { allowHeaders: ['x y'] } }), /invalid HTTP header name/],
  ['CORS methods', traffic({ is: 'cors', value: { allowMethods: [' '] } }), /invalid HTTP/],
  ['HostRewrite.mode', traffic({ is: 'hostRewrite', value: { mode: 2 } }), /unknown enum/],
  ['BackendHTTP.version', ofBackend({ is: 'backendHttp', value: { version: 3 } }), /unknown enum/],
  ['BackendTLS.verification', ofBackend({ is: 'backendTls', value: { verification: 3 } }), /unknown enum/],
  [
    'BackendTLS.cert and key',
    ofBackend({ is: 'backendTls', value: { cert: text('x'), key: text('x') } }),
    /no certificate/,
  ],
  ['BackendTLS.hostname', ofBackend({ is: 'backendTls', value: { hostname: 'a b' } }), /invalid server name/],
  ['Policy.target required', policy('p', {}), /missing required field/],
  ['Policy.kind: exactly one', policy('p', { target }), /missing required field/],
  ['PolicyTarget without a kind', policy('p', { target: {} }), /missing required field/],
  ['Backend.name required', resource('b', { is: 'backend', value: {} }), /missing required field/],
  ['Backend without a kind', resource('b', { is: 'backend', value: { name: {} } }), /unknown backend/],
  [
    'AIBackend: at least one group',
    resource('b', { is: 'backend', value: { name: {}, kind: { is: 'ai', value: {} } } }),
    /at least one provider group/,
  ],
  ['Address without a type', { ...service('s'), body: new Uint8Array() }, /unknown address type/],
  ['Workload.addresses: 4 or 16 bytes', workload('w', 1, { addresses: [Uint8Array.of(1)] }), /had 1 bytes/],
  ['Workload.services: namespace/hostname', workload('w', 1, { services: { w: {} } }), /namespaced hostname/],
  ['Workload.status', workload('w', 1, { status: 2 }), /unknown enum/],
  ['Workload.waypoint', workload('w', 1, { waypoint: {} }), /missing address/],
  ['Port.app_protocol: 0 to 5', service('s', { ports: [{ servicePort: 80, appProtocol: 6 }] }), /unknown enum/],
  ['LoadBalancing.routing_preference', service('s', { loadBalancing: { routingPreference: [0] } }), /invalid target/],
  ['NetworkAddress.address', service('s', { addresses: [{ address: text('abc') }] }), /had 3 bytes/],
]

const warned: readonly (readonly [row: string, literal: Literal, why: RegExp])[] = [
  ['1.1 bad regex never matches: path', path({ is: 'regex', value: '(' }), /invalid regex for route.path/],
  ['1.1 bad regex never matches: what the language lacks', path({ is: 'regex', value: '(?=a)' }), /invalid regex/],
  ['1.1 bad regex never matches: header', header('x', { is: 'regex', value: '[' }), /route.headers.x/],
  [
    '1.1 bad TLS cert makes an invalid listener',
    listener('l', 1, { protocol: 2, tls: { cert: text('x') } }),
    /TLS certificate is invalid/,
  ],
  [
    'TLSConfig: cert and key are a pair',
    listener('l', 1, { protocol: 2, tls: { ...pair, privateKey: pem('client') } }),
    /invalid/,
  ],
  [
    'TLSConfig.root is PEM',
    listener('l', 1, { protocol: 2, tls: { ...pair, root: text('x') } }),
    /no certificate authority/,
  ],
  [
    'TLSConfig: no version left',
    listener('l', 1, { protocol: 2, tls: { ...pair, minVersion: 4, maxVersion: 3 } }),
    /range/,
  ],
  [
    'TLSConfig.cipher_suites: 0 to 9',
    listener('l', 1, { protocol: 2, tls: { ...pair, cipherSuites: [10] } }),
    /cipher suite 10/,
  ],
  [
    'TLSConfig.key_exchange_groups: 0 to 4',
    listener('l', 1, { protocol: 2, tls: { ...pair, keyExchangeGroups: [5] } }),
    /group 5/,
  ],
]

const taken: readonly (readonly [row: string, literal: Literal])[] = [
  ['Bind.protocol TLS', bind(443, { protocol: 2 })],
  ['1.3 HTTPS with tls', listener('l', 1, { protocol: 2, tls: pair })],
  ['1.3 TLS terminate', listener('l', 1, { protocol: 3, tls: pair })],
  ['1.3 TLS passthrough', listener('l', 1, { protocol: 3 })],
  ['1.3 TCP', listener('l', 1, { protocol: 4 })],
  ['TLSConfig.root: mTLS', listener('l', 1, { protocol: 2, tls: { ...pair, root: pem('ca'), mtlsMode: 1 } })],
  ['RouteMatch: path absent', route('r', { matches: [{}] })],
  ['RequestRedirect: port 0 and status 0 are unset', traffic({ is: 'requestRedirect', value: {} })],
  [
    'RouteBackend: an empty BackendReference is invalid, not refused',
    route('r', { backends: [{ weight: 1, backend: {} }] }),
  ],
  ['modelRoute', resource('m', { is: 'modelRoute', value: text('') })],
  ['Workload: 16 bytes', workload('w', 1, { addresses: [new Uint8Array(16)] })],
  ['PathMatch', route('r', { matches: [prefix('/a')] })],
]

describe('the proxy', () => {
  it.each(refused)('refuses: %s', (_, literal, why) => {
    const stores = createStores()
    expect(take(stores, literal)).toEqual([{ key: literal.name, error: expect.stringMatching(why) }])
    expect([...(stores.known.get(literal.typeUrl)?.keys() ?? [])]).toEqual([])
  })

  it.each(warned)('takes with a warning: %s', (_, literal, why) => {
    const stores = createStores()
    expect(take(stores, literal)).toEqual([{ key: literal.name, warn: expect.stringMatching(why) }])
    expect([...(stores.known.get(literal.typeUrl)?.keys() ?? [])]).toEqual([literal.name])
  })

  it.each(taken)('takes: %s', (_, literal) => {
    expect(take(createStores(), literal)).toEqual([])
  })

  it('keeps what it had of a resource whose new version it refuses', () => {
    const stores = createStores()
    take(stores, bind(80), listener('http', 80, { hostname: 'a.com' }))
    take(stores, listener('http', 80, { hostname: 'b.com', protocol: 0 }))
    expect(stores.binds.binds.get('80')?.listeners.get('http')?.hostname).toBe('a.com')
  })
})
