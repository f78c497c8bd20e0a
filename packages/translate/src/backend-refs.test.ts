import { describe, expect, it } from '@jest/globals'
import {
  createRig,
  gateway,
  gatewayClass,
  grant,
  http,
  httpRoute,
  type Rig,
  service,
  slice,
  to,
} from './rig.test-data.ts'

const base = [gatewayClass(), gateway('gw', [http('http')])]
const answer = { $case: 'answer', value: 500 }
const backend = (path: string, port = 80): object => ({ $case: 'backend', value: `backend/Service/${path}/${port}/` })
const targets = (rig: Rig): unknown[] => rig.rule('default/web/#0').backends.map(({ target }) => target)

describe('a backendRef', () => {
  it('names a backend, which has a record while it is named', () => {
    const route = httpRoute('web', [to('v1')])
    const rig = createRig([...base, service('v1'), service('unused'), route])
    expect(targets(rig)).toEqual([backend('default/v1')])
    expect([...rig.records('backend').entries()]).toEqual([
      [
        'backend/Service/default/v1/80/',
        expect.objectContaining({
          protocol: 0,
          discovery: { $case: 'service', value: { namespace: 'default', service: 'v1', portName: 'http' } },
          source: expect.objectContaining({ kind: 'Service', name: 'v1' }),
        }),
      ],
    ])
    rig.remove(route)
    expect(rig.records('backend').size).toBe(0)
  })

  it.each<[string, object, string, string]>([
    [
      'a missing Service',
      { name: 'none', port: 80 },
      'BackendNotFound',
      'spec.rules[0].backendRefs[0] names Service default/none, which does not exist.',
    ],
    ['a missing port', { name: 'v1', port: 81 }, 'BackendNotFound', 'names Service default/v1, which has no port 81.'],
    [
      'another kind',
      { group: 'example.com', kind: 'Bucket', name: 'x' },
      'InvalidKind',
      'example.com/Bucket is no kind of backend',
    ],
    [
      'an ExternalName',
      { name: 'out', port: 80 },
      'InvalidKind',
      'but a Service of type ExternalName is not supported.',
    ],
    [
      'a UDP port',
      { name: 'odd', port: 53 },
      'UnsupportedProtocol',
      'Port 53 of Service default/odd does not take TCP.',
    ],
    [
      'a port that speaks TLS',
      { name: 'odd', port: 443 },
      'UnsupportedProtocol',
      'has the appProtocol kubernetes.io/wss',
    ],
    [
      'web sockets, which the plane lacks',
      { name: 'odd', port: 8080 },
      'UnsupportedProtocol',
      'has the appProtocol kubernetes.io/ws',
    ],
    [
      'a Service beyond the border',
      { name: 'v1', namespace: 'shop', port: 80 },
      'RefNotPermitted',
      'no ReferenceGrant in namespace shop permits',
    ],
    [
      'nothing beyond the border',
      { name: 'none', namespace: 'shop', port: 80 },
      'RefNotPermitted',
      'no ReferenceGrant in namespace shop permits',
    ],
  ])('to %s keeps its share, which answers 500', (_, ref, reason, why) => {
    const odd = service('odd', [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'tls', port: 443, appProtocol: 'kubernetes.io/wss' },
      { name: 'ws', port: 8080, appProtocol: 'kubernetes.io/ws' },
    ])
    const out = service('out', [{ name: 'http', port: 80 }], { type: 'ExternalName', externalName: 'example.com' })
    const refs = [ref, { name: 'v1', port: 80, weight: 3 }]
    const rig = createRig([
      ...base,
      odd,
      out,
      service('v1'),
      service('shop/v1'),
      httpRoute('web', [{ backendRefs: refs }]),
    ])
    expect(targets(rig)).toEqual([answer, backend('default/v1')])
    expect(rig.rule('default/web/#0').backends.map(({ weight }) => weight)).toEqual([1, 3])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted', ResolvedRefs: `False ${reason}` }])
    expect(rig.message('HTTPRoute', 'web', 'ResolvedRefs')).toContain(why)
    expect([...rig.records('backend').keys()]).toEqual(['backend/Service/default/v1/80/'])
  })

  it('may leave its namespace while a grant says so', () => {
    const rig = createRig([...base, service('shop/v1'), httpRoute('web', [to('v1', { namespace: 'shop' })])])
    const routes = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }
    const permit = grant('shop/permit', routes, { group: '', kind: 'Service' })
    const others = [
      grant('shop/other-name', routes, { group: '', kind: 'Service', name: 'v2' }),
      grant('shop/other-kind', { ...routes, kind: 'GRPCRoute' }, { group: '', kind: 'Service' }),
      grant('shop/other-namespace', { ...routes, namespace: 'elsewhere' }, { group: '', kind: 'Service' }),
      grant('default/other-place', routes, { group: '', kind: 'Service' }),
    ]
    rig.set(...others)
    expect(targets(rig)).toEqual([answer])
    rig.set(permit)
    expect(targets(rig)).toEqual([backend('shop/v1')])
    expect(rig.routeSays('web')).toMatchObject([{ ResolvedRefs: 'True ResolvedRefs' }])
    rig.remove(permit)
    expect(targets(rig)).toEqual([answer])
  })

  it.each([
    [undefined, 0],
    ['http', 0],
    ['HTTP', 0],
    ['kubernetes.io/h2c', 1],
    ['grpc', 1],
  ])('follows the appProtocol %s', (appProtocol, protocol) => {
    const ports = [{ name: 'http', port: 80, ...(appProtocol ? { appProtocol } : {}) }]
    const rig = createRig([...base, service('v1', ports), httpRoute('web', [to('v1')])])
    expect([...rig.records('backend').values()]).toMatchObject([{ protocol }])
  })

  it('takes the TCP port where a UDP one has the same number, and needs no name for it', () => {
    const ports = [
      { name: 'udp', port: 80, protocol: 'UDP' },
      { name: 'tcp', port: 80, appProtocol: 'kubernetes.io/h2c' },
    ]
    const rig = createRig([
      ...base,
      service('v1', ports),
      service('plain', [{ port: 80 }]),
      httpRoute('web', [to('v1'), to('plain')]),
    ])
    expect(rig.records('backend').get('backend/Service/default/v1/80/')).toMatchObject({
      protocol: 1,
      discovery: { value: { portName: 'tcp' } },
    })
    expect(rig.records('backend').get('backend/Service/default/plain/80/')).toMatchObject({
      discovery: { value: { portName: '' } },
    })
  })
})

describe('a rule that no backend has a share in answers 500', () => {
  it.each<[string, object, object[]]>([
    ['no backendRefs', {}, [{ weight: 1, target: answer }]],
    [
      'weights of zero',
      to('v1', { weight: 0 }),
      [
        { weight: 0, target: backend('default/v1') },
        { weight: 1, target: answer },
      ],
    ],
    ['invalid references', to('none'), [{ weight: 1, target: answer }]],
    [
      'invalid references without weight',
      to('none', { weight: 0 }),
      [
        { weight: 0, target: answer },
        { weight: 1, target: answer },
      ],
    ],
  ])('%s', (_, rule, backends) => {
    const rig = createRig([...base, service('v1'), httpRoute('web', [rule])])
    expect(rig.rule('default/web/#0').backends).toMatchObject(backends)
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted' }])
  })
})

describe('an EndpointSlice', () => {
  it('becomes a record of its own, whether a route uses it or not', () => {
    const rig = createRig([slice('v1-abc', 'v1', ['10.0.0.1', '10.0.0.2'])])
    expect([...rig.records('endpoints').entries()]).toEqual([
      [
        'endpoints/default/v1-abc',
        expect.objectContaining({
          service: 'v1',
          addressType: 'IPv4',
          ports: [{ name: 'http', port: 3000, protocol: 'TCP' }],
          endpoints: ['10.0.0.1', '10.0.0.2'].map((address) => ({
            addresses: [address],
            ready: true,
            serving: true,
            terminating: false,
            zone: '',
            node: '',
          })),
        }),
      ],
    ])
  })
})
