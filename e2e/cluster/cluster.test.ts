import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { type Cluster, startCluster } from './cluster.ts'
import { images } from './images.ts'
import { canRunCluster } from './machine.ts'
import { livingNamespaces, tracesOfNode, tracesOnMachine } from './traces.ts'

const suite = canRunCluster() ? describe : describe.skip

suite('a cluster', () => {
  let before: ReturnType<typeof tracesOnMachine>
  let cluster: Cluster

  beforeAll(async () => {
    before = tracesOnMachine()
    cluster = await startCluster(mkdtempSync(join(tmpdir(), 'penstock-cluster-')), () => {})
  }, 120_000)

  afterAll(() => cluster.stop())

  it('runs a pod that clients outside reach at an address, by way of a Service', async () => {
    await cluster.load(await images.echo())
    await cluster.kubectl(['apply', '--server-side', `--filename=${join(import.meta.dirname, 'manifests/echo.yaml')}`])
    await cluster.kubectl(['rollout', 'status', 'deployment/echo', '--timeout=30s'])
    const address = await until('the Service has an address', () =>
      cluster.kubectl(['get', 'service/echo', '--output=jsonpath={.status.loadBalancer.ingress[0].ip}']),
    )
    const answer = await until('echo answers', () => ask(cluster, 'outside', `http://${address}/path`).catch(() => ''))
    expect(JSON.parse(answer)).toMatchObject({ path: '/path', namespace: 'default' })
  }, 60_000)

  it('keeps pods running while its API server is killed, and takes it back', async () => {
    await cluster.node.signal('kube-apiserver', 'KILL')
    await expect(cluster.kubectl(['get', '--raw=/readyz'])).rejects.toThrow()
    await cluster.restart('kube-apiserver')
    await until('the API server is back', () => cluster.kubectl(['get', '--raw=/readyz']).catch(() => ''), 30_000)
    await cluster.kubectl(['rollout', 'status', 'deployment/echo', '--timeout=30s'])
    // A signal to one that has ended fails.
    for (const program of ['kubelet', 'kube-proxy', 'address-pool']) await cluster.node.signal(program, 'CONT')
  }, 60_000)

  it('leaves nothing when it ends', async () => {
    const { cgroups } = cluster.node
    const { processes, namespaces } = tracesOfNode(cgroups)
    expect(processes.length).toBeGreaterThan(10)
    // Of six sorts, for the node, the outside and two pods.
    expect(livingNamespaces(namespaces).length).toBeGreaterThan(12)
    await cluster.stop()
    // Its first process is a child of this one, which takes notice of its end a moment later.
    await until('no process is left', () => processes.every((pid) => !existsSync(`/proc/${pid}`)))
    expect(livingNamespaces(namespaces)).toEqual([])
    expect([cluster.dir, ...cgroups.map(({ path }) => path)].filter((path) => existsSync(path))).toEqual([])
    expect(tracesOnMachine()).toEqual(before)
  }, 30_000)
})

async function ask({ node }: Cluster, network: 'node' | 'outside', url: string): Promise<string> {
  const script = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text())`
  const [command = '', ...args] = node.inNetwork(network, process.execPath, '--input-type=module', '-e', script)
  return (await promisify(execFile)(command, args)).stdout
}
