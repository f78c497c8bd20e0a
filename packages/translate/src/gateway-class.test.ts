import { describe, expect, it } from '@jest/globals'
import { supportedFeatures } from './features.ts'
import { capabilities, createRig, gateway, gatewayClass, http } from './rig.test-data.ts'

const key = 'gateway.networking.k8s.io/GatewayClass//penstock'

describe('a GatewayClass', () => {
  it('of ours is accepted and says, sorted, what can be relied on', () => {
    const { translation } = createRig([gatewayClass()])
    const status = translation.graph.values(translation.status).get(key)
    expect(status?.conditions).toMatchObject([{ type: 'Accepted', status: true, reason: 'Accepted' }])
    expect(status?.source).toMatchObject({ kind: 'GatewayClass', namespace: '', name: 'penstock', generation: 1 })
    const features = status?.supportedFeatures ?? []
    expect(features).toEqual([...features].sort())
    expect(features).toEqual(expect.arrayContaining(['Gateway', 'HTTPRoute', 'ReferenceGrant']))
  })

  it('may not vanish as long as a Gateway names it', () => {
    const rig = createRig([gatewayClass()])
    const finalizers = () => rig.translation.graph.values(rig.translation.status).get(key)?.finalizers
    expect(finalizers()).toEqual([])
    rig.set(gateway('default/gw', [http('web')]))
    expect(finalizers()).toEqual(['gateway-exists-finalizer.gateway.networking.k8s.io'])
    rig.remove(gateway('default/gw', [http('web')]))
    expect(finalizers()).toEqual([])
  })

  it('of another controller gets no status', () => {
    const { translation } = createRig([gatewayClass('penstock', { controllerName: 'example.com/other' })])
    expect(translation.graph.values(translation.status).size).toBe(0)
  })
})

describe('supportedFeatures', () => {
  const install = { managed: true, servesTrustBundles: true }

  it.each<[string, Partial<typeof capabilities>, string]>([
    ['no rewrite', { filters: new Set(['redirect']) }, 'HTTPRouteHostRewrite'],
    ['no redirect', { filters: new Set(['urlRewrite']) }, 'HTTPRoutePathRedirect'],
    ['no response header edits', { filters: new Set() }, 'HTTPRouteResponseHeaderModification'],
    ['no edits per backend', { backendFilters: new Set() }, 'HTTPRouteBackendRequestHeaderModification'],
    ['no mirrors', { filters: new Set() }, 'HTTPRouteRequestPercentageMirror'],
    ['no CORS', { filters: new Set() }, 'HTTPRouteCORS'],
    ['no rewrites per backend', { backendFilters: new Set() }, 'HTTPRouteBackendURLRewrite'],
    ['no h2c', { backendProtocols: new Set() }, 'HTTPRouteBackendProtocolH2C'],
    ['no TLS to backends', { features: new Set() }, 'ClusterTrustBundle'],
    ['no isolation', { features: new Set() }, 'GatewayHTTPListenerIsolation'],
  ])('of a plane with %s are without it', (_, lacking, feature) => {
    expect(supportedFeatures(capabilities, install)).toContain(feature)
    expect(supportedFeatures({ ...capabilities, ...lacking }, install)).not.toContain(feature)
  })

  it.each(['GatewayInfrastructure', 'GatewayStaticAddresses', 'GatewayAddressEmpty'])(
    'claim %s only where proxies are ours to run',
    (feature) => {
      expect(supportedFeatures(capabilities, install)).toContain(feature)
      expect(supportedFeatures(capabilities, { ...install, managed: false })).not.toContain(feature)
    },
  )

  it('claim ClusterTrustBundle only where there can be any', () => {
    expect(supportedFeatures(capabilities, { ...install, servesTrustBundles: false })).not.toContain(
      'ClusterTrustBundle',
    )
  })

  it('never claim what is refused', () => {
    expect(supportedFeatures(capabilities, install)).not.toContain('GatewayListenerFilters')
  })
})
