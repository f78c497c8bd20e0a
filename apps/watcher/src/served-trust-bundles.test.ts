// ClusterTrustBundles in a real API server, which serves them, then does not, then does again.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { channels, createMemoryBus, type JsonObject } from '@penstock/bus'
import { accessByKubeconfig } from '@penstock/kube'
import { type ControlPlane, gatewayDefinition, kubernetesIsBuilt, startControlPlane, until } from '@penstock/testkit'
import { keyOf, kindOf, startLife } from './cluster-rig.test-data.ts'

jest.setTimeout(180_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

const name = 'example.com:signer:v1'
const bundleKey = keyOf('ClusterTrustBundle', name)
const unservedKey = 'penstock.dev/UnservedKind//clustertrustbundles.certificates.k8s.io'
const soonMs = 60_000

const policy = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'BackendTLSPolicy',
  metadata: { name: 'safe', namespace: 'default' },
  spec: { validation: { caCertificateRefs: [{ group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name }] } },
}
const bundle = (trustBundle: string) => ({
  apiVersion: 'certificates.k8s.io/v1beta1',
  kind: 'ClusterTrustBundle',
  metadata: { name },
  spec: { signerName: 'example.com/signer', trustBundle },
})

suite('a real API server', () => {
  const stack = new AsyncDisposableStack()
  const seen = new Map<string, JsonObject>()
  let plane: ControlPlane
  const apply = async (object: object): Promise<void> => {
    const file = join(plane.dir, 'object.json')
    await writeFile(file, JSON.stringify(object))
    await plane.kubectl('apply', '--filename', file)
  }

  beforeAll(async () => {
    plane = stack.use(await startControlPlane())
    await apply(gatewayDefinition(kindOf('BackendTLSPolicy'), 'v1.7.0'))
    const broker = createMemoryBus()
    stack.defer(() => broker[Symbol.dispose]())
    const follower = broker.connect({ install: 'test', source: 'cluster', service: 'translator' })
    stack.use(follower).follow(channels.resource, {
      onCommit({ changes }) {
        for (const { key, value } of changes) {
          if (value) seen.set(key, value)
          else seen.delete(key)
        }
      },
    })
    const access = await accessByKubeconfig({ file: plane.kubeconfig })
    const limits = { retryMinMs: 200, retryMaxMs: 2_000, heldRetryMs: 2_000, discoveryMs: 1_000 }
    stack.use(startLife({ access, broker, log: [] }, { limits }))
  })
  afterAll(() => stack.disposeAsync())

  it('gives a bundle in the version that it serves', async () => {
    await plane.kubectl('wait', '--for=condition=Established', 'crd/backendtlspolicies.gateway.networking.k8s.io')
    const pem = await readFile(join(import.meta.dirname, '../../../golden/tls/ca.pem'), 'utf8')
    await apply(policy)
    await apply(bundle(pem))
    await until('the bundle', () => seen.has(bundleKey), soonMs)
    expect(seen.get(bundleKey)).toMatchObject({ ...bundle(pem), metadata: { name } })
    expect(seen.has(unservedKey)).toBe(false)
  })

  it('that no longer serves them is told of', async () => {
    await plane.apiServer.kill()
    await plane.apiServer.start(['--feature-gates=ClusterTrustBundle=false'])
    await until('it is told', () => seen.has(unservedKey), soonMs)
  })

  it('that serves them again is believed', async () => {
    await plane.apiServer.kill()
    await plane.apiServer.start()
    await until('it is told', () => !seen.has(unservedKey), soonMs)
    expect(seen.has(bundleKey)).toBe(true)
    await plane.kubectl('delete', 'clustertrustbundle', name)
    await until('the removal', () => !seen.has(bundleKey), soonMs)
  })
})
