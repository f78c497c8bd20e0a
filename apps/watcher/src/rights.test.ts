// The watcher with the rights of its role and no others, on the fake API server and, for one namespace, on the real one.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, jest } from '@jest/globals'
import { channels, createMemoryBus } from '@penstock/bus'
import { customResourceDefinitionKind, type KindInfo, kinds } from '@penstock/gateway-api'
import { accessByKubeconfig, type ClusterAccess } from '@penstock/kube'
import {
  type ControlPlane,
  gatewayDefinition,
  kubeRightsObjects,
  kubeRole,
  kubeRulesOf,
  kubernetesIsBuilt,
  singleRights,
  startControlPlane,
  until,
} from '@penstock/testkit'
import { createRig, gatewayWith, isOfKubernetes, keyOf, startLife } from './cluster-rig.test-data.ts'

jest.setTimeout(120_000)
const rights = kubeRulesOf('watcher')

/** One object of each sort that can name another. */
const gateway = gatewayWith('pair')
const policy = {
  spec: {
    validation: {
      caCertificateRefs: [
        { group: '', kind: 'ConfigMap', name: 'authorities' },
        { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: 'bundle' },
      ],
    },
  },
}

describe('the rights of the watcher', () => {
  it('are enough, and each is needed', async () => {
    await using rig = await createRig()
    rig.api.tokens.set('limited', 'limited')
    for (const { kind, object } of kubeRole('limited', 'limited', rights)) await rig.admin.create(kind, object)
    rig.live({ token: 'limited' })
    await rig.create('Secret', 'default/pair', { data: { 'ca.crt': 'YQ==' } })
    await rig.create('ConfigMap', 'default/authorities')
    await rig.create('ClusterTrustBundle', 'bundle')
    // Who comes later is looked up by its name.
    await until('all are watched', () =>
      ['secrets', 'configmaps', 'clustertrustbundles'].every((plural) => rig.api.watches(plural) > 0),
    )
    await rig.create('Gateway', 'default/web', gateway)
    await rig.create('BackendTLSPolicy', 'default/safe', policy)
    const wanted = ['Gateway default/web', 'Secret default/pair', 'ConfigMap default/authorities']
    await until('all is published', () =>
      [...wanted, 'ClusterTrustBundle bundle'].every((name) => rig.published().includes(name)),
    )
    expect(rig.held()).toEqual([])
    const unused = (): string[] => singleRights(rights).filter((right) => !rig.api.exercised.get('limited')?.has(right))
    // The rights that nothing needed are named.
    await until('every right is needed', () => unused().length === 0).catch(() => expect(unused()).toEqual([]))
    expect(rig.api.missed.get('limited')).toBeUndefined()
  })

  it('are for the kinds that it reads, and for no other', () => {
    const read = [...kinds, customResourceDefinitionKind].map(({ group, plural }: KindInfo) => `${group}/${plural}`)
    expect(new Set(singleRights(rights).map((right) => right.split(' ')[1]))).toEqual(new Set(read))
    const isClustered = ({ namespaced }: KindInfo): boolean => !namespaced
    const clustered = [...kinds, customResourceDefinitionKind].filter(isClustered)
    expect(new Set(kubeRulesOf('watcher', 'cluster').flatMap(({ resources }) => resources))).toEqual(
      new Set(clustered.map(({ plural }) => plural)),
    )
  })
})

const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

suite('a watcher for one namespace of a real API server', () => {
  const namespace = 'penstock-system'

  async function apply(plane: ControlPlane, items: readonly object[]): Promise<void> {
    const file = join(plane.dir, 'objects.json')
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await plane.kubectl('apply', '--server-side', '--filename', file)
  }

  async function accessOf(plane: ControlPlane): Promise<ClusterAccess> {
    const token = (await plane.kubectl('create', 'token', 'watcher', '--namespace', namespace)).trim()
    const access = await accessByKubeconfig({ file: plane.kubeconfig })
    const headers = { authorization: `Bearer ${token}` }
    return { ...access, credentials: async () => ({ ...(await access.credentials()), headers }) }
  }

  it('needs a Role there, and a ClusterRole for what has no namespace', async () => {
    await using stack = new AsyncDisposableStack()
    const plane = stack.use(await startControlPlane())
    for (const each of [namespace, 'mine', 'other']) await plane.kubectl('create', 'namespace', each)
    await apply(
      plane,
      kinds.filter((kind) => !isOfKubernetes(kind)).map((kind) => gatewayDefinition(kind, 'v1.7.0')),
    )
    await plane.kubectl('wait', '--for=condition=Established', 'crd', '--all')
    await apply(plane, kubeRightsObjects('watcher', { namespace, namespaces: ['mine'] }))
    const object = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', ...gateway }
    const secret = { apiVersion: 'v1', kind: 'Secret', data: { 'ca.crt': 'YQ==' } }
    const everywhere = ['mine', 'other'].flatMap((place) => [
      { ...object, metadata: { name: 'web', namespace: place } },
      { ...secret, metadata: { name: 'pair', namespace: place } },
    ])
    await apply(plane, everywhere)
    const broker = createMemoryBus()
    stack.defer(() => broker[Symbol.dispose]())
    const reader = stack.use(broker.connect({ install: 'test', source: 'cluster', service: 'translator' }))
    const published = new Set<string>()
    let held: readonly string[] = []
    reader.follow(channels.resource, {
      onCommit({ changes, commit }) {
        held = commit.held
        for (const { key, value } of changes) if (value) published.add(key)
      },
    })
    const life = stack.use(
      startLife({ access: await accessOf(plane), broker, log: [] }, { config: { namespaces: ['mine'] } }),
    )
    await until('it has read everything', () => life.checks.passing, 30_000)
    await until('its own are published', () => published.has(keyOf('Secret', 'mine/pair')), 30_000)
    expect(published).toContain(keyOf('Gateway', 'mine/web'))
    expect(published).toContain(keyOf('Namespace', 'other'))
    expect([...published].filter((key) => key.includes('/other/'))).toEqual([])
    expect(held).toEqual([])
    await expect(
      plane.kubectl(
        'auth',
        'can-i',
        'get',
        'secrets',
        '--namespace',
        'other',
        `--as=system:serviceaccount:${namespace}:watcher`,
      ),
    ).rejects.toThrow()
  })
})
