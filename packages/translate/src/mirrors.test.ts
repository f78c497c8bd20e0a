import { describe, expect, it } from '@jest/globals'
import type { Resource } from '@penstock/gateway-api'
import { createRig, gateway, gatewayClass, grant, grpcRoute, http, httpRoute, service, to } from './rig.test-data.ts'

const mirror = (backendRef: object, share: object = {}) => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: { port: 80, ...backendRef }, ...share },
})
const odd = service('odd', [{ name: 'http', port: 80, appProtocol: 'example.com/odd' }])
const base = [gatewayClass(), gateway('gw', [http('http')]), service('v1'), service('v2'), service('other/v2'), odd]
const rigOf = (filters: readonly object[], ...more: Resource[]) =>
  createRig([...base, httpRoute('web', [{ ...to('v1'), filters }]), ...more])

describe('a mirror', () => {
  it.each<[object, number, number]>([
    [{}, 100, 100],
    [{ percent: 0 }, 0, 100],
    [{ percent: 20 }, 20, 100],
    [{ fraction: { numerator: 1, denominator: 3 } }, 1, 3],
    [{ fraction: { numerator: 5 } }, 5, 100],
  ])('with %j takes %i of %i requests', (share, numerator, denominator) => {
    const rig = rigOf([mirror({ name: 'v2' }, share)])
    const value = { backend: 'backend/Service/default/v2/80/', numerator, denominator }
    expect(rig.rule('default/web/#0').filters).toEqual([{ filter: { $case: 'mirror', value } }])
    expect([...rig.records('backend').keys()]).toContain(value.backend)
  })

  it.each<[string, object, string]>([
    ['BackendNotFound', { name: 'none' }, 'spec.rules[0].filters[0] names Service default/none, which does not exist.'],
    ['BackendNotFound', { name: 'v2', port: 81 }, 'which has no port 81.'],
    ['RefNotPermitted', { name: 'v2', namespace: 'other' }, 'which no ReferenceGrant in namespace other permits.'],
    ['InvalidKind', { name: 'v2', kind: 'Bucket', group: 'a.com' }, 'a.com/Bucket is no kind of backend'],
    ['UnsupportedProtocol', { name: 'odd' }, 'spec.rules[0].filters[0]: Port 80 of Service default/odd has'],
  ])('that cannot be resolved (%s) is left out; requests and other mirrors go on', (reason, ref, why) => {
    const rig = rigOf([mirror(ref), mirror({ name: 'v2' })])
    const { filters, backends } = rig.rule('default/web/#0')
    expect(filters).toMatchObject([{ filter: { value: { backend: 'backend/Service/default/v2/80/' } } }])
    expect(backends).toMatchObject([{ target: { $case: 'backend' } }])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted', ResolvedRefs: `False ${reason}` }])
    expect(rig.message('HTTPRoute', 'web', 'ResolvedRefs')).toContain(why)
  })

  it('into another namespace comes and goes with its grant', () => {
    const permit = grant(
      'other/permit',
      { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' },
      { group: '', kind: 'Service' },
    )
    const rig = rigOf([mirror({ name: 'v2', namespace: 'other' })], permit)
    expect(rig.rule('default/web/#0').filters).toHaveLength(1)
    rig.remove(permit)
    expect(rig.rule('default/web/#0').filters).toEqual([])
    expect(rig.routeSays('web')).toMatchObject([{ ResolvedRefs: 'False RefNotPermitted' }])
    expect([...rig.records('backend').keys()]).toEqual(['backend/Service/default/v1/80/'])
  })

  it('of a GRPCRoute speaks HTTP/2', () => {
    const rig = createRig([...base, grpcRoute('calls', [{ ...to('v1'), filters: [mirror({ name: 'v2' })] }])])
    expect(rig.rule('default/calls/#0', 'GRPCRoute').filters).toMatchObject([
      { filter: { $case: 'mirror', value: { backend: 'backend/Service/default/v2/80/grpc' } } },
    ])
  })
})
