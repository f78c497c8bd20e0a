import { describe, expect, it } from '@jest/globals'
import type { HttpRule } from '@penstock/ir'
import {
  createRig,
  gateway,
  gatewayClass,
  grant,
  grpcRoute,
  http,
  httpRoute,
  type Rig,
  service,
  to,
} from './rig.test-data.ts'

const base = [gatewayClass(), gateway('gw', [http('http')]), service('v1')]
const rigOf = (...rules: object[]): Rig => createRig([...base, grpcRoute('calls', rules)])
const ruleOf = (rule: object): HttpRule => rigOf({ ...to('v1'), ...rule }).rule('default/calls/#0', 'GRPCRoute')
const answer503 = { $case: 'answer', value: 503 }
const ofV1 = 'backend/Service/default/v1/80/grpc'

describe('matches of a GRPCRoute', () => {
  const regex = (service?: string, method?: string) => ({ type: 'RegularExpression', service, method })
  it.each<[string, object | undefined, object]>([
    ['nothing in particular: every call', undefined, { $case: 'prefix', value: '/' }],
    ['a service', { service: 'shop.Cart' }, { $case: 'prefix', value: '/shop.Cart' }],
    ['a service and a method', { service: 'shop.Cart', method: 'Add' }, { $case: 'exact', value: '/shop.Cart/Add' }],
    ['a method', { method: 'Add' }, { $case: 'regex', value: '/[^/]+/(?:Add)' }],
    ['expressions', regex('a|b', 'Get.*'), { $case: 'regex', value: '/(?:a|b)/(?:Get.*)' }],
    ['an expression for the service', regex('a|b'), { $case: 'regex', value: '/(?:a|b)/[^/]+' }],
    ['an expression for the method', regex(undefined, 'a|b'), { $case: 'regex', value: '/[^/]+/(?:a|b)' }],
    ['anchors', regex('^a.*$', '^b\\$'), { $case: 'regex', value: '/(?:a.*)/(?:b\\$)' }],
  ])('name %s', (_, method, path) => {
    const match = JSON.parse(JSON.stringify({ method }))
    expect(ruleOf({ matches: [match] }).matches).toMatchObject([{ path, grpc: true, method: '', headers: [] }])
  })

  it('may be absent', () => {
    expect(ruleOf({}).matches).toMatchObject([{ path: { $case: 'prefix', value: '/' }, grpc: true }])
  })

  it('name headers in any case, the first of a name counts', () => {
    const headers = [
      { name: 'X-A', value: '1' },
      { name: 'x-a', value: '2' },
      { name: 'B', type: 'RegularExpression', value: 'b+' },
    ]
    expect(ruleOf({ matches: [{ headers }] }).matches).toMatchObject([
      {
        headers: [
          { name: 'x-a', value: { $case: 'exact', value: '1' } },
          { name: 'b', value: { $case: 'regex', value: 'b+' } },
        ],
      },
    ])
  })

  it.each<[string, object, string]>([
    ['service', { method: { type: 'RegularExpression', service: '(' } }, 'method.service.value, "(", is no RE2'],
    ['method', { method: { type: 'RegularExpression', method: '[' } }, 'method.method.value, "[", is no RE2'],
    ['both', { method: { type: 'RegularExpression', service: '\\Qa' } }, 'method makes the path "/(?:\\Qa)/[^/]+"'],
    ['header', { headers: [{ name: 'a', type: 'RegularExpression', value: '(' }] }, 'headers[0].value, "(",'],
  ])('whose expression does not compile (%s) make the rule answer UNAVAILABLE', (_, match, why) => {
    const rig = rigOf({ ...to('v1'), matches: [{ method: { service: 'a' } }, match] }, to('v1'))
    expect(rig.rule('default/calls/#0', 'GRPCRoute')).toMatchObject({
      matches: [{ path: { value: '/a' } }],
      filters: [{ filter: answer503 }],
      backends: [],
    })
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([
      { Accepted: 'True Accepted', PartiallyInvalid: 'True UnsupportedValue' },
    ])
    const message = rig.message('GRPCRoute', 'calls', 'PartiallyInvalid')
    expect(message).toMatch(/^Dropped Rule spec\.rules\[0]: requests that match get UNAVAILABLE\. /)
    expect(message).toContain(`spec.rules[0].matches[1].${why}`)
  })
})

describe('a backend of a GRPCRoute', () => {
  it.each([undefined, 'http', 'kubernetes.io/h2c', 'grpc'])('is spoken to in HTTP/2 with appProtocol %s', (said) => {
    const ports = [{ name: 'calls', port: 80, ...(said ? { appProtocol: said } : {}) }]
    const rig = createRig([...base, service('v1', ports), grpcRoute('calls', [to('v1')])])
    expect([...rig.records('backend')]).toMatchObject([[ofV1, { protocol: 1, variant: 'grpc' }]])
  })

  it('is another one than that of an HTTPRoute', () => {
    const route = grpcRoute('calls', [to('v1')])
    const rig = createRig([...base, httpRoute('web', [to('v1')]), route])
    expect([...rig.records('backend')].map(([key, { protocol }]) => [key, protocol]).sort()).toEqual([
      ['backend/Service/default/v1/80/', 0],
      [ofV1, 1],
    ])
    rig.remove(route)
    expect([...rig.records('backend').keys()]).toEqual(['backend/Service/default/v1/80/'])
  })

  it.each<[string, object, string, string]>([
    ['a missing Service', { name: 'none', port: 80 }, 'BackendNotFound', 'which does not exist'],
    [
      'a web socket',
      { name: 'odd', port: 81 },
      'UnsupportedProtocol',
      'kubernetes.io/ws, which is not supported for gRPC',
    ],
    ['no TCP', { name: 'odd', port: 53 }, 'UnsupportedProtocol', 'Port 53 of Service default/odd does not take TCP.'],
    ['what no grant permits', { name: 'v1', namespace: 'shop', port: 80 }, 'RefNotPermitted', 'no ReferenceGrant'],
  ])('that is %s keeps its share, which is UNAVAILABLE', (_, ref, reason, why) => {
    const odd = service('odd', [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'ws', port: 81, appProtocol: 'kubernetes.io/ws' },
    ])
    const permit = grant(
      'shop/pages',
      { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' },
      { group: '', kind: 'Service' },
    )
    const refs = [ref, { name: 'v1', port: 80, weight: 3 }]
    const rig = createRig([...base, odd, service('shop/v1'), permit, grpcRoute('calls', [{ backendRefs: refs }])])
    expect(rig.rule('default/calls/#0', 'GRPCRoute').backends).toMatchObject([
      { weight: 1, target: answer503 },
      { weight: 3, target: { $case: 'backend', value: ofV1 } },
    ])
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([
      { Accepted: 'True Accepted', ResolvedRefs: `False ${reason}` },
    ])
    expect(rig.message('GRPCRoute', 'calls', 'ResolvedRefs')).toContain(why)
  })
})

describe('a GRPCRoute', () => {
  it('shares a listener and a hostname with an HTTPRoute: both are accepted and counted', () => {
    const spec = { hostnames: ['a.com'] }
    const rig = createRig([...base, httpRoute('web', [to('v1')], spec), grpcRoute('web', [to('v1')], spec)])
    for (const kind of ['HTTPRoute', 'GRPCRoute'] as const) {
      expect(rig.routeSays('web', kind)).toMatchObject([{ Accepted: 'True Accepted' }])
    }
    expect(rig.listenerSays('gw', 'http').attachedRoutes).toBe('2')
    expect([...rig.records('http_rule').keys()].sort()).toEqual([
      'http_rule/GRPCRoute/default/web/#0',
      'http_rule/HTTPRoute/default/web/#0',
    ])
  })

  it('without rules is attached, and takes no calls', () => {
    const rig = rigOf()
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([
      { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' },
    ])
    expect(rig.listenerSays('gw', 'http').attachedRoutes).toBe('1')
    expect(rig.records('http_rule').size).toBe(0)
  })

  it('is refused where the listener allows HTTPRoutes only', () => {
    const listener = http('http', 80, { allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } })
    const rig = createRig([...base, gateway('gw', [listener]), grpcRoute('calls', [to('v1')])])
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([{ Accepted: 'False NotAllowedByListeners' }])
    expect(rig.message('GRPCRoute', 'calls', 'Accepted')).toContain('lets a GRPCRoute from namespace default attach')
  })

  it('with a filter that is not supported answers UNAVAILABLE', () => {
    const filter = { type: 'ExtensionRef', extensionRef: { group: 'a.com', kind: 'B', name: 'c' } }
    const rig = rigOf({ ...to('v1'), filters: [filter] })
    expect(rig.rule('default/calls/#0', 'GRPCRoute')).toMatchObject({ filters: [{ filter: answer503 }], backends: [] })
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([{ Accepted: 'False UnsupportedValue' }])
    expect(rig.message('GRPCRoute', 'calls', 'Accepted')).toContain('asks for ExtensionRef')
  })
})
