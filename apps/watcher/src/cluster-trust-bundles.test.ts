// ClusterTrustBundles: a kind that the API server may not serve, which is told (docs/adr/0008-cluster-trust-bundles.md).
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { clusterTrustBundleKind, kinds } from '@penstock/gateway-api'
import { kubeRole, until } from '@penstock/testkit'
import { createRig, isOfKubernetes, keyOf, type Rig } from './cluster-rig.test-data.ts'

const unserved = 'UnservedKind clustertrustbundles.certificates.k8s.io'
const name = 'example.com:signer:v1'
const policyFor = (...names: string[]) => ({
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'v1' }],
    validation: {
      hostname: 'x.com',
      caCertificateRefs: names.map((one) => ({ group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: one })),
    },
  },
})
const definitions = kinds
  .filter((kind) => !isOfKubernetes(kind))
  .map(({ plural, group }) => `CustomResourceDefinition ${plural}.${group}`)

let rig: Rig
const publishes = (...names: string[]): Promise<unknown> => rig.publishes([...definitions, ...names])

describe('where the API server serves them', () => {
  beforeEach(async () => {
    rig = await createRig()
  })
  afterEach(async () => rig[Symbol.asyncDispose]())

  it('they are published only while something names them', async () => {
    await rig.create('ClusterTrustBundle', name, { spec: { trustBundle: 'one' } })
    await rig.create('ClusterTrustBundle', 'other', { spec: { trustBundle: 'other' } })
    rig.live()
    await publishes()
    await rig.create('BackendTLSPolicy', 'default/safe', policyFor(name))
    await publishes('BackendTLSPolicy default/safe', `ClusterTrustBundle ${name}`)
    const isRotated = (): boolean => JSON.stringify(rig.seen.get(keyOf('ClusterTrustBundle', name))).includes('two')
    await rig.edit('ClusterTrustBundle', name, { spec: { trustBundle: 'two' } })
    await until('the rotation', isRotated)
    await rig.remove('ClusterTrustBundle', name)
    await publishes('BackendTLSPolicy default/safe')
    await rig.create('ClusterTrustBundle', name, { spec: { trustBundle: 'three' } })
    await publishes('BackendTLSPolicy default/safe', `ClusterTrustBundle ${name}`)
    await rig.edit('BackendTLSPolicy', 'default/safe', policyFor('other'))
    await publishes('BackendTLSPolicy default/safe', 'ClusterTrustBundle other')
  })

  it('and they may not be read, nothing says that they are not served', async () => {
    rig.api.tokens.set('limited', 'limited')
    const groups = [...new Set(kinds.map(({ group }) => group)), 'apiextensions.k8s.io']
    const resources = ['customresourcedefinitions', ...kinds.map(({ plural }) => plural)]
    const allowed = resources.filter((plural) => plural !== clusterTrustBundleKind.plural)
    const rules = groups.map((group) => ({ group, resources: allowed, verbs: ['get', 'list', 'watch'] }))
    for (const { kind, object } of kubeRole('most', 'limited', rules)) await rig.admin.create(kind, object)
    rig.live({ token: 'limited' })
    await rig.create('BackendTLSPolicy', 'default/safe', policyFor(name))
    await publishes('BackendTLSPolicy default/safe')
  })
})

describe('where the API server does not serve them', () => {
  beforeEach(async () => {
    rig = await createRig(kinds.filter((kind) => kind !== clusterTrustBundleKind))
  })
  afterEach(async () => rig[Symbol.asyncDispose]())

  it('that is told, until it does, and again when it no longer does', async () => {
    rig.live()
    await rig.create('BackendTLSPolicy', 'default/safe', policyFor(name))
    await publishes('BackendTLSPolicy default/safe', unserved)
    await rig.define(clusterTrustBundleKind)
    await publishes('BackendTLSPolicy default/safe')
    await rig.create('ClusterTrustBundle', name, { spec: { trustBundle: 'one' } })
    await publishes('BackendTLSPolicy default/safe', `ClusterTrustBundle ${name}`)
    await rig.undefine(clusterTrustBundleKind)
    await until('it is told', () => rig.published().includes(unserved))
  })

  it('a restart says nothing anew', async () => {
    const first = rig.live()
    await publishes(unserved)
    await first[Symbol.asyncDispose]()
    const before = rig.commits.length
    rig.live()
    await rig.create('Namespace', 'mark')
    await publishes('Namespace mark', unserved)
    expect(rig.commits.slice(before)).toEqual([['Namespace mark']])
  })

  it('a restart takes it back where they came meanwhile', async () => {
    const first = rig.live()
    await publishes(unserved)
    await first[Symbol.asyncDispose]()
    await rig.define(clusterTrustBundleKind)
    rig.live()
    await publishes()
  })
})
