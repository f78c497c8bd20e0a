import { describe, expect, it } from '@jest/globals'
import { createRig, gateway, gatewayClass, http, https, listenerSet, type Rig, secret } from './rig.test-data.ts'

const at = (name: string, hostname?: string, more: object = {}): object =>
  https(name, 'cert', { ...(hostname === undefined ? {} : { hostname }), ...more })
const own = (...listeners: object[]) => gateway('gw', listeners, { allowedListeners: { namespaces: { from: 'Same' } } })
const rigOf = (...listeners: object[]): Rig => createRig([gatewayClass(), secret('cert'), own(...listeners)])

const overlapping = { OverlappingTLSConfig: 'True OverlappingHostnames' }
const told = (rig: Rig): string[] => rig.message('Gateway', 'gw', 'OverlappingTLSConfig').split('\n').filter(Boolean)

describe('HTTPS hostnames that overlap on a port', () => {
  it('are told so, both of them, and nobody else', () => {
    const rig = rigOf(at('wild', '*.example.com'), at('exact', 'foo.example.com'), at('other', 'foo.example.org'))
    expect(rig.listenerSays('gw', 'wild')).toMatchObject(overlapping)
    expect(rig.listenerSays('gw', 'exact')).toMatchObject(overlapping)
    expect(rig.listenerSays('gw', 'other')).not.toHaveProperty('OverlappingTLSConfig')
    expect(told(rig)).toEqual([
      "Listener wild of Gateway default/gw shares hostnames with a more specific listener on port 443: a client that reuses its connection may be answered under the other's TLS settings.",
      "Listener exact of Gateway default/gw shares hostnames with Listener wild of Gateway default/gw on port 443: a client that reuses its connection may be answered under the other's TLS settings.",
    ])
  })

  it('overlap over several labels, and with every host', () => {
    const rig = rigOf(at('all'), at('wide', '*.com'), at('exact', 'a.b.com'))
    expect(told(rig).map((message) => message.split(' on port')[0])).toEqual([
      'Listener all of Gateway default/gw shares hostnames with 2 more specific listeners',
      'Listener wide of Gateway default/gw shares hostnames with Listener all of Gateway default/gw, a more specific listener',
      'Listener exact of Gateway default/gw shares hostnames with Listener wide of Gateway default/gw, Listener all of Gateway default/gw',
    ])
  })

  it.each<[string, object]>([
    ['of another port', at('other', 'a.com', { port: 8443 })],
    ['of HTTP', http('other', 80, { hostname: 'a.com' })],
    [
      'that is refused',
      at('other', 'a.com', { tls: { certificateRefs: [{ name: 'cert' }], options: { 'a.com/x': '1' } } }),
    ],
    ['of no wildcard over it', at('other', 'a.org')],
  ])('do not overlap with one %s', (_, other) => {
    expect(told(rigOf(at('wild', '*.com'), other))).toEqual([])
  })

  it('are looked for among the ListenerSets of the Gateway too, and forgotten with them', () => {
    const set = listenerSet('set', [at('exact', 'a.example.com')])
    const rig = createRig([gatewayClass(), secret('cert'), own(at('wild', '*.example.com')), set])
    expect(rig.listenerSays('gw', 'wild')).toMatchObject(overlapping)
    expect(rig.listenerSays('set', 'exact', 'ListenerSet')).toMatchObject(overlapping)
    rig.remove(set)
    expect(rig.listenerSays('gw', 'wild')).not.toHaveProperty('OverlappingTLSConfig')
  })
})
