// ClusterTrustBundle (GEP-5075), as far as the golden cases do not tell it: rotation, removal, and a cluster without them.
import { describe, expect, it } from '@jest/globals'
import { clusterTrustBundleKind, unservedKind } from '@penstock/gateway-api'
import {
  authority,
  configMap,
  createRig,
  gateway,
  gatewayClass,
  http,
  httpRoute,
  https,
  type Rig,
  secret,
  service,
  tlsPolicy,
  to,
  trustBundle,
} from './rig.test-data.ts'

const ref = { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: 'anchors' }
const ofConfigMap = { group: '', kind: 'ConfigMap', name: 'ca' }
const record = 'trust_bundle/ClusterTrustBundle//anchors'
const unserved = unservedKind(clusterTrustBundleKind)
const changed = (rig: Rig, round: ReturnType<Rig['set']>) => round.deltas(rig.translation.ir).map(({ key }) => key)

const backendBase = [gatewayClass(), gateway('gw', [http('http')]), service('v1'), httpRoute('web', [to('v1')])]
const policy = (...caCertificateRefs: object[]) =>
  tlsPolicy('safe', 'v1', { validation: { hostname: 'x.com', caCertificateRefs } })
const backend = (rig: Rig) => rig.records('backend').get('backend/Service/default/v1/80/')

describe('a BackendTLSPolicy that names a ClusterTrustBundle', () => {
  const good = { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs' }
  const bad = (reason: string) => ({ Accepted: 'False NoValidCACertificate', ResolvedRefs: `False ${reason}` })

  it('trusts it, without a grant', () => {
    const rig = createRig([...backendBase, policy(ref), trustBundle('anchors', `first:\n${authority}last.`)])
    expect(rig.ancestorsSay('safe')).toEqual([good])
    expect(backend(rig)?.tls?.trust).toEqual({
      $case: 'bundles',
      value: { bundles: [{ kind: 'ClusterTrustBundle', namespace: '', name: 'anchors' }] },
    })
    expect(rig.records('trust_bundle').get(record)).toMatchObject({
      source: { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', namespace: '', name: 'anchors' },
      pem: authority,
    })
  })

  it.each([
    ['missing', []],
    ['empty', [trustBundle('anchors', '')]],
    ['broken', [trustBundle('anchors', `${authority}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`)]],
  ])('closes its backend when it is %s, and nothing else', (_, bundles) => {
    const rig = createRig([...backendBase, policy(ref), ...bundles])
    expect(rig.ancestorsSay('safe')).toEqual([bad('InvalidCACertificateRef')])
    expect(backend(rig)?.discovery?.$case).toBe('closed')
    expect(rig.records('trust_bundle').size).toBe(0)
  })

  it('is healed by it; a rotation changes one record, a removal leaves no authority behind', () => {
    const rig = createRig([...backendBase, policy(ref), trustBundle('anchors')])
    const rotated = trustBundle('anchors', `${authority}${authority}`)
    expect(changed(rig, rig.set(rotated))).toEqual([record])
    expect(changed(rig, rig.remove(rotated))).toEqual(['backend/Service/default/v1/80/', record])
    expect(rig.ancestorsSay('safe')).toEqual([bad('InvalidCACertificateRef')])
    expect(rig.records('trust_bundle').size).toBe(0)
    rig.set(trustBundle('anchors'))
    expect(rig.ancestorsSay('safe')).toEqual([good])
  })

  it('is told InvalidKind while the API server serves no such kind, whatever is known of it', () => {
    const rig = createRig([...backendBase, policy(ref), trustBundle('anchors'), unserved])
    expect(rig.ancestorsSay('safe')).toEqual([bad('InvalidKind')])
    expect(backend(rig)?.discovery?.$case).toBe('closed')
    expect(rig.records('trust_bundle').size).toBe(0)
    rig.remove(unserved)
    expect(rig.ancestorsSay('safe')).toEqual([good])
    rig.set(unserved)
    expect(rig.ancestorsSay('safe')).toEqual([bad('InvalidKind')])
  })

  it('goes on with what else it trusts', () => {
    const rig = createRig([...backendBase, policy(ref, ofConfigMap), configMap('ca'), unserved])
    expect(rig.ancestorsSay('safe')).toEqual([{ ...bad('InvalidKind'), Accepted: 'True Accepted' }])
    expect([...rig.records('trust_bundle').keys()]).toEqual(['trust_bundle/ConfigMap/default/ca'])
  })
})

describe('a Gateway whose clients are held against a ClusterTrustBundle', () => {
  const asking = (...caCertificateRefs: object[]) =>
    gateway('gw', [https('one', 'cert'), http('plain')], {
      tls: { frontend: { default: { validation: { caCertificateRefs } } } },
    })
  const base = [gatewayClass(), secret('cert')]
  const listener = (rig: Rig) => rig.records('listener').get('listener/default/gw/Gateway/default/gw/one')

  it('serves; a rotation changes no listener, a removal ends it and its neighbour goes on', () => {
    const rig = createRig([...base, asking(ref), trustBundle('anchors')])
    expect(rig.listenerSays('gw', 'one')).toMatchObject({
      Accepted: 'True Accepted',
      ResolvedRefs: 'True ResolvedRefs',
    })
    expect(changed(rig, rig.set(trustBundle('anchors', `${authority}${authority}`)))).toEqual([record])
    expect(changed(rig, rig.remove(trustBundle('anchors')))).toEqual([
      'certificate/default/cert',
      'listener/default/gw/Gateway/default/gw/one',
      record,
    ])
    expect(rig.listenerSays('gw', 'one')).toMatchObject({
      Accepted: 'False NoValidCACertificate',
      ResolvedRefs: 'False InvalidCACertificateRef',
    })
    expect(rig.listenerSays('gw', 'plain')).toMatchObject({ Accepted: 'True Accepted' })
  })

  it('is refused while the API server serves no such kind', () => {
    const rig = createRig([...base, asking(ref), trustBundle('anchors'), unserved])
    expect(rig.listenerSays('gw', 'one')).toMatchObject({
      Accepted: 'False NoValidCACertificate',
      ResolvedRefs: 'False InvalidCACertificateKind',
    })
    expect(listener(rig)).toBeUndefined()
  })

  it('goes on with what else it trusts', () => {
    const rig = createRig([...base, asking(ref, ofConfigMap), configMap('ca')])
    expect(rig.listenerSays('gw', 'one')).toMatchObject({
      Accepted: 'True Accepted',
      ResolvedRefs: 'False InvalidCACertificateRef',
    })
    expect(listener(rig)).toBeDefined()
  })

  it('finds none in a namespace, which the CRDs of the standard channel let through', () => {
    const inNamespace = {
      ...asking(ref),
      ...{ spec: structuredClone((asking(ref) as unknown as { spec: object }).spec) },
    }
    const { tls } = inNamespace.spec as {
      tls: { frontend: { default: { validation: { caCertificateRefs: object[] } } } }
    }
    tls.frontend.default.validation.caCertificateRefs = [{ ...ref, namespace: 'default' }]
    const rig = createRig([...base, inNamespace, trustBundle('anchors')])
    expect(rig.listenerSays('gw', 'one')).toMatchObject({ ResolvedRefs: 'False InvalidCACertificateRef' })
  })
})

describe('the GatewayClass', () => {
  const features = (rig: Rig) =>
    rig.translation.graph.values(rig.translation.status).get('gateway.networking.k8s.io/GatewayClass//penstock')
      ?.supportedFeatures

  it('claims the feature only while the API server serves the kind', () => {
    const rig = createRig([gatewayClass()])
    expect(features(rig)).toContain('ClusterTrustBundle')
    rig.set(unserved)
    expect(features(rig)).not.toContain('ClusterTrustBundle')
    rig.remove(unserved)
    expect(features(rig)).toContain('ClusterTrustBundle')
  })
})
