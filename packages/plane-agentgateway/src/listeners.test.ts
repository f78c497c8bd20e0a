import { describe, expect, it } from '@jest/globals'
import type { Listener } from '@penstock/ir'
import { Resource } from './gen/agentgateway/resource.ts'
import { emitBind, emitListener, type ListenerContext, siteOf } from './listeners.ts'
import type { Resource as Encoded } from './resource.ts'

const pem = (text: string): Uint8Array => new TextEncoder().encode(text)
const there: ListenerContext = {
  certificateAt: (key) => (key.endsWith('/missing') ? undefined : { cert: pem(`chain of ${key}`), key: pem('key') }),
  trustOf: (keys) => (keys.some((key) => key.endsWith('/missing')) ? undefined : pem(keys.join('+'))),
}

const key = 'listener/default/gw/Gateway/default/gw/main'
const listener = (protocol: Listener['protocol'], fields: Partial<Listener> = {}): Listener => ({
  ...{ source: undefined, fleet: 'default~gw', gatewayNamespace: 'default', gatewayName: 'gw', section: 'main' },
  ...{ ownerKind: 'Gateway', ownerNamespace: 'default', ownerName: 'gw', port: 80, hostname: '', precedence: 'a' },
  protocol,
  ...fields,
})

const certificate = (name: string) => ({ namespace: 'default', name })
const bundle = (name: string) => ({ kind: 'ConfigMap', namespace: 'default', name })
const plain: Listener['protocol'] = { $case: 'http', value: {} }
const https = (names: string[], trusted?: string[], insecureFallback = false): Listener['protocol'] => {
  const clientValidation = trusted && { bundles: trusted.map(bundle), insecureFallback }
  return { $case: 'https', value: { certificates: names.map(certificate), clientValidation } }
}

const decoded = (encoded: Encoded | undefined): object | undefined =>
  encoded && (Resource.decode(encoded.body).kind as { value: object }).value
const shown = { cert: pem('chain of certificate/default/one'), privateKey: pem('key') }
const root = pem('trust_bundle/ConfigMap/default/ca')

// Table "How Gateway API things are expressed", Port.
describe('a bind', () => {
  const secure = listener(https(['one']), { precedence: 'b' })
  it.each<[string, Listener[], number]>([
    ['of HTTP', [listener(plain)], 0],
    ['of HTTPS', [secure], 2],
    ['of what has precedence', [secure, listener(plain)], 0],
  ])('%s', (_, listeners, protocol) => {
    expect(decoded(emitBind('default~gw', 80, listeners))).toMatchObject({ key: '80/default~gw', port: 80, protocol })
  })
})

// The same, Listener: HTTP without tls, HTTPS with it; any other pair is rejected.
describe('a listener', () => {
  it.each<[string, Listener, object]>([
    ['of HTTP', listener(plain), { protocol: 1, tls: undefined, hostname: '' }],
    ['with a hostname', listener(plain, { hostname: '*.a.com' }), { hostname: '*.a.com' }],
    ['of HTTPS', listener(https(['one'])), { protocol: 2, tls: shown }],
    ['with several certificates has the first', listener(https(['one', 'two'])), { tls: shown }],
    ['with a certificate that is missing has the next', listener(https(['missing', 'one'])), { tls: shown }],
    ['that validates clients', listener(https(['one'], ['ca'])), { tls: { ...shown, root, mtlsMode: 0 } }],
    ['that lets others in', listener(https(['one'], ['ca'], true)), { tls: { ...shown, root, mtlsMode: 1 } }],
  ])('%s', (_, record, expected) => {
    expect(decoded(emitListener(record, key, there))).toMatchObject({
      ...{ key: 'default/gw/main/80', bindKey: '80/default~gw' },
      name: { gatewayName: 'gw', gatewayNamespace: 'default', listenerName: 'main' },
      ...expected,
    })
  })

  it('of a ListenerSet names it', () => {
    const owner = { ownerKind: 'ListenerSet', ownerNamespace: 'team', ownerName: 'more' }
    const of = 'listener/default/gw/ListenerSet/team/more/main'
    expect(decoded(emitListener(listener(plain, owner), of, there))).toMatchObject({
      key: 'default/gw/team/more/main/80',
      name: { gatewayName: 'gw', listenerName: 'main', listenerSet: { name: 'more', namespace: 'team' } },
    })
  })

  it.each([
    ['certificate', https(['missing'])],
    ['authority', https(['one'], ['missing'])],
  ])('without its %s takes no traffic', (_, protocol) => {
    expect(emitListener(listener(protocol), key, there)).toBeUndefined()
  })

  it('of a newer schema holds its last good state', () => {
    expect(() => siteOf(listener(undefined))).toThrow('newer schema')
  })
})
