// BackendTLSPolicy, as far as the golden cases (backend-tls-policy*) do not tell it: what changes with what.
import { describe, expect, it } from '@jest/globals'
import {
  configMap,
  createRig,
  gateway,
  gatewayClass,
  http,
  httpRoute,
  type Rig,
  service,
  tlsPolicy,
  to,
} from './rig.test-data.ts'

const ports = [
  { name: 'http', port: 80 },
  { name: 'safe', port: 443, appProtocol: 'https' },
]
const base = [gatewayClass(), gateway('gw', [http('http')]), service('v1', ports), service('v2'), configMap('ca')]
const route = httpRoute('web', [to('v1'), to('v2')])
const backend = (rig: Rig, name = 'v1', port = 80) =>
  rig.records('backend').get(`backend/Service/default/${name}/${port}/`)
const says = (rig: Rig, path: string) => rig.ancestorsSay(path)
const refTo = (name: string, kind = 'ConfigMap') => ({
  validation: { hostname: 'x.com', caCertificateRefs: [{ group: '', kind, name }] },
})

describe('a BackendTLSPolicy', () => {
  it('makes connections to its Service secure and leaves the neighbour and all rules as they are', () => {
    const rig = createRig([...base, route])
    const round = rig.set(tlsPolicy('safe', 'v1'))
    expect(round.deltas(rig.translation.ir).map(({ key }) => key)).toEqual([
      'backend/Service/default/v1/80/',
      'trust_bundle/ConfigMap/default/ca',
    ])
    expect(backend(rig)?.tls).toMatchObject({ serverName: 'x.com', names: [{ name: { value: 'x.com' } }] })
    expect(says(rig, 'safe')).toEqual([{ Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' }])
    rig.remove(tlsPolicy('safe', 'v1'))
    expect(backend(rig)?.tls).toBeUndefined()
    expect(rig.records('trust_bundle').size).toBe(0)
  })

  it.each([
    ['missing', [], refTo('none'), 'NoValidCACertificate', 'False InvalidCACertificateRef'],
    ['empty', [configMap('more', '')], refTo('more'), 'NoValidCACertificate', 'False InvalidCACertificateRef'],
    ['broken', [configMap('more', 'x')], refTo('more'), 'NoValidCACertificate', 'False InvalidCACertificateRef'],
    ['of an odd kind', [], refTo('ca', 'Service'), 'NoValidCACertificate', 'False InvalidKind'],
    [
      'of an unknown set',
      [],
      { validation: { hostname: 'x.com', wellKnownCACertificates: 'example.com/ours' } },
      'Invalid',
      'True ResolvedRefs',
    ],
    ['with options', [], { options: { 'example.com/x': '1' } }, 'Invalid', 'True ResolvedRefs'],
  ])('whose authority is %s closes its backend, and nothing else', (_, more, spec, reason, resolved) => {
    const rig = createRig([...base, ...more, route])
    const round = rig.set(tlsPolicy('safe', 'v1', spec))
    expect(says(rig, 'safe')).toEqual([{ Accepted: `False ${reason}`, ResolvedRefs: resolved }])
    expect(round.deltas(rig.translation.ir).map(({ key }) => key)).toEqual(['backend/Service/default/v1/80/'])
    expect(backend(rig)?.discovery?.$case).toBe('closed')
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' }])
  })

  it('is healed by its ConfigMap, of which a rotation changes the bundle alone', () => {
    const rig = createRig([...base, route, tlsPolicy('safe', 'v1')])
    rig.remove(configMap('ca'))
    expect(backend(rig)?.discovery?.$case).toBe('closed')
    rig.set(configMap('ca'))
    expect(backend(rig)?.discovery?.$case).toBe('service')
    const text = configMap('x') as unknown as { data: Record<string, string> }
    const round = rig.set(configMap('ca', `${text.data['ca.crt']}${text.data['ca.crt']}`))
    expect(round.deltas(rig.translation.ir).map(({ key }) => key)).toEqual(['trust_bundle/ConfigMap/default/ca'])
  })

  it('is what a port needs whose appProtocol is https', () => {
    const rig = createRig([...base, httpRoute('web', [to('v1', { port: 443 })])])
    expect(rig.routeSays('web')).toMatchObject([{ ResolvedRefs: 'False UnsupportedProtocol' }])
    rig.set(tlsPolicy('safe', 'v1'))
    expect(rig.routeSays('web')).toMatchObject([{ ResolvedRefs: 'True ResolvedRefs' }])
    expect(backend(rig, 'v1', 443)?.tls).toBeDefined()
  })

  it('yields to an older one, and takes its place when that goes', () => {
    const older = tlsPolicy('z', 'v1', {}, { creationTimestamp: '2025-01-01T00:00:00Z' })
    const rig = createRig([...base, route, older, tlsPolicy('a', 'v1', refTo('none'))])
    expect(says(rig, 'a')).toMatchObject([{ Accepted: 'False Conflicted' }])
    expect(says(rig, 'z')).toMatchObject([{ Accepted: 'True Accepted' }])
    expect(backend(rig)?.discovery?.$case).toBe('service')
    rig.remove(older)
    expect(says(rig, 'a')).toMatchObject([{ Accepted: 'False NoValidCACertificate' }])
    expect(backend(rig)?.discovery?.$case).toBe('closed')
  })

  it('tells each Gateway that sends to its Service, and nobody where none does', () => {
    const rig = createRig([...base, tlsPolicy('safe', 'v1')])
    expect(() => says(rig, 'safe')).toThrow('no status')
    rig.set(gateway('two', [http('http')]), route, httpRoute('more', [to('v1')], { parentRefs: [{ name: 'two' }] }))
    expect(says(rig, 'safe')).toHaveLength(2)
    rig.remove(route)
    expect(says(rig, 'safe')).toHaveLength(1)
  })
})
