import { describe, expect, it } from '@jest/globals'
import {
  capabilities,
  createRig,
  everyPlane,
  gateway,
  gatewayClass,
  grant,
  http,
  httpRoute,
  https,
  secret,
  service,
  to,
} from './rig.test-data.ts'

const fine = {
  Accepted: 'True Accepted',
  Programmed: 'True Programmed',
  ResolvedRefs: 'True ResolvedRefs',
  Conflicted: 'False NoConflicts',
}

describe('a Gateway', () => {
  it('is accepted and programmed with its listeners, and gives a fleet, a gateway and listener records', () => {
    const rig = createRig([gatewayClass(), secret('cert'), gateway('gw', [http('http'), https('https', 'cert')])])
    expect(rig.gatewaySays('gw')).toEqual({
      Accepted: 'True Accepted',
      Programmed: 'True Programmed',
      ResolvedRefs: 'True ResolvedRefs',
    })
    expect(rig.listenerSays('gw', 'http')).toEqual({ ...fine, attachedRoutes: '0' })
    expect([...rig.translation.graph.values(rig.translation.ir).keys()].sort()).toEqual([
      'certificate/default/cert',
      'fleet/default~gw',
      'gateway/default/gw',
      'listener/default/gw/Gateway/default/gw/http',
      'listener/default/gw/Gateway/default/gw/https',
    ])
    expect(rig.records('listener').get('listener/default/gw/Gateway/default/gw/https')).toMatchObject({
      fleet: 'default~gw',
      port: 443,
      hostname: '',
      protocol: { $case: 'https', value: { certificates: [{ namespace: 'default', name: 'cert' }] } },
    })
  })

  it.each([
    ['another class', { gatewayClassName: 'other' }],
    ['a class of another controller', { gatewayClassName: 'foreign' }],
  ])('of %s is none of our business', (_, spec) => {
    const foreign = gatewayClass('foreign', { controllerName: 'example.com/other' })
    const rig = createRig([gatewayClass(), foreign, gateway('gw', [http('http')], spec)])
    expect(rig.records('gateway').size).toBe(0)
    expect(() => rig.gatewaySays('gw')).toThrow('has no status')
  })

  it('hands its labels and annotations on, in an order of their own', () => {
    const infrastructure = { labels: { b: '2', a: '1' }, annotations: { c: '3' } }
    const rig = createRig([gatewayClass(), gateway('gw', [http('http')], { infrastructure })])
    const record = rig.records('gateway').get('gateway/default/gw')
    expect(Object.keys(record?.labels ?? {})).toEqual(['a', 'b'])
    expect(record?.annotations).toEqual({ c: '3' })
  })
})

describe('a listener', () => {
  it.each([
    ['TCP', { protocol: 'TCP' }],
    ['UDP', { protocol: 'UDP' }],
    ['TLS', { protocol: 'TLS', tls: { mode: 'Passthrough' } }],
    ['a protocol of somebody else', { protocol: 'example.com/odd' }],
  ])('of %s is refused and takes nothing, its neighbour goes on', (_, listener) => {
    const odd = { name: 'odd', port: 9000, ...listener }
    const rig = createRig([gatewayClass(), gateway('gw', [odd, http('http')]), httpRoute('web', [to('v1')])])
    expect(rig.listenerSays('gw', 'odd')).toEqual({
      Accepted: 'False UnsupportedProtocol',
      Programmed: 'False Invalid',
      ResolvedRefs: 'True ResolvedRefs',
      Conflicted: 'False NoConflicts',
      attachedRoutes: '0',
    })
    expect(rig.listenerSays('gw', 'http')).toEqual({ ...fine, attachedRoutes: '1' })
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True ListenersNotValid', Programmed: 'True Programmed' })
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain(
      'Listener odd of Gateway default/gw asks for the protocol',
    )
  })

  it('of a protocol that the plane lacks is refused, and without another one so is the Gateway', () => {
    const envoy = { ...capabilities, listeners: new Set(['http'] as const) }
    const rig = createRig([gatewayClass(), secret('cert'), gateway('gw', [https('https', 'cert')])], {
      capabilities: everyPlane(envoy),
    })
    expect(rig.listenerSays('gw', 'https')).toMatchObject({ Accepted: 'False UnsupportedProtocol' })
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'False ListenersNotValid', Programmed: 'False Invalid' })
    expect(rig.records('listener').size).toBe(0)
    expect(rig.records('certificate').size).toBe(0)
  })

  it.each<[string, object, string, string]>([
    ['a missing Secret', { name: 'none' }, 'InvalidCertificateRef', 'Secret default/none, which does not exist'],
    ['an unusable Secret', { name: 'bad' }, 'InvalidCertificateRef', 'which is unusable: the key is of another pair'],
    ['a Secret without a certificate', { name: 'empty' }, 'InvalidCertificateRef', 'it holds no tls.crt and tls.key'],
    ['another kind', { group: 'example.com', kind: 'Vault', name: 'cert' }, 'InvalidCertificateRef', 'only a Secret'],
    [
      'a Secret beyond the border',
      { namespace: 'safe', name: 'cert' },
      'RefNotPermitted',
      'no ReferenceGrant in namespace safe',
    ],
    [
      'nothing beyond the border',
      { namespace: 'safe', name: 'none' },
      'RefNotPermitted',
      'no ReferenceGrant in namespace safe',
    ],
  ])('with %s as its certificate has unresolved references and no record', (_, ref, reason, why) => {
    const secrets = [
      secret('bad', { problem: 'the key is of another pair.' }),
      { ...secret('empty'), tls: undefined },
      secret('safe/cert'),
    ]
    const rig = createRig([gatewayClass(), ...secrets, gateway('gw', [https('https', ref), http('http')])])
    expect(rig.listenerSays('gw', 'https')).toEqual({
      Accepted: 'True Accepted',
      Programmed: 'False Invalid',
      ResolvedRefs: `False ${reason}`,
      Conflicted: 'False NoConflicts',
      attachedRoutes: '0',
    })
    expect(rig.gatewaySays('gw')).toEqual({
      Accepted: 'True Accepted',
      Programmed: 'True Programmed',
      ResolvedRefs: 'False ListenersNotResolved',
    })
    expect(rig.message('Gateway', 'gw', 'ResolvedRefs')).toContain(why)
    expect([...rig.records('listener').keys()]).toEqual(['listener/default/gw/Gateway/default/gw/http'])
  })

  it('may use a certificate beyond the border while a grant says so', () => {
    const rig = createRig([
      gatewayClass(),
      secret('safe/cert'),
      gateway('gw', [https('https', { namespace: 'safe', name: 'cert' })]),
    ])
    const from = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'default' }
    const permit = grant('safe/permit', from, { group: '', kind: 'Secret', name: 'cert' })
    expect(rig.records('listener').size).toBe(0)
    rig.set(permit)
    expect(rig.listenerSays('gw', 'https')).toEqual({ ...fine, attachedRoutes: '0' })
    expect([...rig.records('certificate').keys()]).toEqual(['certificate/safe/cert'])
    rig.remove(permit)
    expect(rig.listenerSays('gw', 'https')).toMatchObject({ ResolvedRefs: 'False RefNotPermitted' })
    expect(rig.records('certificate').size).toBe(0)
  })

  it('serves with the certificates that are good, and tells of the others', () => {
    const tls = { certificateRefs: [{ name: 'none' }, { name: 'b' }, { name: 'a' }, { name: 'b' }] }
    const rig = createRig([gatewayClass(), secret('a'), secret('b'), gateway('gw', [https('https', '', { tls })])])
    expect(rig.listenerSays('gw', 'https')).toMatchObject({
      Programmed: 'True Programmed',
      ResolvedRefs: 'False InvalidCertificateRef',
    })
    const [record] = [...rig.records('listener').values()]
    const [b, a] = ['b', 'a'].map((name) => ({ namespace: 'default', name }))
    expect(record?.protocol).toEqual({ $case: 'https', value: { certificates: [b, a] } })
  })

  it.each([
    ['only kinds of other protocols', [{ kind: 'TCPRoute' }], [], 'False InvalidRouteKinds', '0'],
    ['a good and a bad kind', [{ kind: 'HTTPRoute' }, { kind: 'Odd' }], ['HTTPRoute'], 'False InvalidRouteKinds', '1'],
    ['one kind of several', [{ kind: 'GRPCRoute' }], ['GRPCRoute'], 'True ResolvedRefs', '0'],
    ['no kinds in particular', undefined, ['HTTPRoute', 'GRPCRoute'], 'True ResolvedRefs', '1'],
  ])('that allows %s supports those that are left', (_, kinds, supported, resolved, attachedRoutes) => {
    const listener = http('http', 80, { allowedRoutes: kinds ? { kinds } : {} })
    const rig = createRig([gatewayClass(), gateway('gw', [listener]), service('v1'), httpRoute('web', [to('v1')])])
    expect(rig.listenerSays('gw', 'http')).toEqual({ ...fine, ResolvedRefs: resolved, attachedRoutes })
    const status = rig.translation.graph
      .values(rig.translation.status)
      .get('gateway.networking.k8s.io/Gateway/default/gw')
    expect(status?.listeners[0]?.supportedKinds.map(({ kind }) => kind)).toEqual(supported)
  })
})
