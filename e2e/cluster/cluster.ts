// A whole Kubernetes node with what a cluster needs, nothing of it faked: control plane, kubelet, containerd, kube-proxy,
// DNS, load balancer addresses, and the Gateway API's CRDs.
import { execFile, spawn } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { adminUser, kubeconfigPath, until, writeKubeCredentials } from '@penstock/testkit'
import { buildProgram } from '@penstock/tools/programs'
import { nodePackages, unpackedPackages } from './debian.ts'
import { images } from './images.ts'
import { createNode, type Life, type Node, openNode, removeNode } from './node.ts'
import {
  apiServerUrl,
  containerdClient,
  type NodeProgram,
  nodePrograms,
  nodeUsers,
  type Places,
} from './node-programs.ts'
import { type ArchivedImages, type Image, imageArchive } from './oci-image.ts'

export interface Cluster extends AsyncDisposable {
  readonly dir: string
  readonly url: string
  /** A file, of a user who may do everything; to be used inside the cluster's network. */
  readonly kubeconfig: string
  /** The folder of kubectl and the other programs of Kubernetes. */
  readonly bin: string
  readonly node: Node
  /** Answers what kubectl says; rejects with what it complains of. */
  kubectl(args: readonly string[], input?: string): Promise<string>
  /** Makes an image known to the node under all its names. */
  load(image: Image | ArchivedImages): Promise<void>
  /** Starts a program of the node that was killed, as it was started first. */
  restart(program: string): Promise<void>
  stop(): Promise<void>
}

/** Called with each step that is done. */
export type Say = (sentence: string) => void

const run = promisify(execFile)

/**
 * Builds what is not built, then starts a node in the folder; resolves when pods with names and addresses can run.
 * Unless it may outlive this process, it ends with it at the latest.
 */
export async function startCluster(
  dir: string,
  say: Say,
  life: Life = 'ends with this process',
  holds: 'the CRDs of the Gateway API' | 'nothing' = 'the CRDs of the Gateway API',
): Promise<Cluster> {
  const places = await findPlaces(dir)
  const crds = holds === 'nothing' ? undefined : join(await buildProgram('conformance', say), 'crds')
  const needed = await Promise.all([images.pause(), images.coredns()])
  for (const image of needed) await imageArchive(image)
  say('programs and images are there')
  await mkdir(dir, { recursive: true })
  const node = await createNode(dir, life)
  try {
    say('namespaces')
    await writeKubeCredentials(places.credentials, apiServerUrl, nodeUsers)
    const cluster = createCluster(node, places)
    await startPrograms(cluster, places, needed)
    say('API server ready, images loaded')
    await Promise.all([
      crds && applyCrds(cluster, crds).then(() => say('CRDs of the Gateway API')),
      serveNames(cluster).then(() => say('node ready, DNS ready')),
    ])
    return cluster
  } catch (error) {
    await removeNode(dir)
    throw error
  }
}

async function applyCrds({ kubectl }: Cluster, folder: string): Promise<void> {
  const files = (await readdir(folder))
    .filter((name) => name !== 'kustomization.yaml')
    .map((name) => join(folder, name))
  await kubectl(['apply', '--server-side', `--filename=${files.join(',')}`])
}

async function serveNames({ kubectl }: Cluster): Promise<void> {
  await kubectl(['wait', '--for=create', '--timeout=60s', 'node/penstock-node'])
  await kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'node/penstock-node'])
  // Sooner, its pod would find no node to run on, and wait a second or more before it looks again.
  await kubectl(['apply', '--server-side', '--filename', join(import.meta.dirname, 'manifests/coredns.yaml')])
  await kubectl(['--namespace=kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s'])
}

/** The cluster that runs in the folder. */
export async function openCluster(dir: string): Promise<Cluster> {
  return createCluster(openNode(dir), await findPlaces(dir))
}

async function findPlaces(dir: string): Promise<Places> {
  return {
    dir,
    credentials: join(dir, 'credentials'),
    kubernetes: await buildProgram('kubernetes', console.error),
    debian: await unpackedPackages(nodePackages),
  }
}

async function startPrograms(cluster: Cluster, places: Places, needed: readonly Image[]): Promise<void> {
  const {
    containerd,
    etcd,
    'kube-apiserver': apiServer,
    ...others
  } = nodePrograms(places) as Record<string, NodeProgram>
  const start = (name: string, program: NodeProgram | undefined) =>
    program ? cluster.node.start(name, program.command, program.environment) : Promise.resolve()
  await start('containerd', containerd)
  await start('etcd', etcd)
  await start('kube-apiserver', apiServer)
  const client = containerdClient(places)
  await until('containerd answers', () => succeeds(cluster.node.inside(...client.command, 'version'), client))
  // A pod whose image is not there yet would wait ten seconds for it.
  await Promise.all([
    ...needed.map((image) => cluster.load(image)),
    until('the API server is ready', () => cluster.kubectl(['get', '--raw=/readyz']).catch(() => ''), 60_000),
  ])
  for (const [name, program] of Object.entries(others)) await start(name, program)
}

async function succeeds([command = '', ...args]: readonly string[], { environment }: NodeProgram): Promise<boolean> {
  return await run(command, args, { env: { ...process.env, ...environment } }).then(
    () => true,
    () => false,
  )
}

function createCluster(node: Node, places: Places): Cluster {
  const kubeconfig = kubeconfigPath(places.credentials, adminUser)
  const kubectl = join(places.kubernetes, 'kubectl')
  const stop = (): Promise<void> => removeNode(node.dir)
  return {
    ...{ dir: node.dir, url: apiServerUrl, kubeconfig, bin: places.kubernetes, node },
    async kubectl(args, input) {
      const [command = '', ...rest] = node.inNetwork('node', kubectl, `--kubeconfig=${kubeconfig}`, ...args)
      const running = run(command, rest, { maxBuffer: 64 * 1024 * 1024 })
      running.child.stdin?.end(input ?? '')
      return (await running).stdout
    },
    async load(image) {
      const archive = await imageArchive(image)
      const client = containerdClient(places)
      const [command = '', ...args] = node.inside(...client.command, 'images', 'import', archive)
      await run(command, args, { env: { ...process.env, ...client.environment } })
    },
    async restart(name) {
      const program = (nodePrograms(places) as Record<string, NodeProgram>)[name]
      if (!program) throw new Error(`the node has no program ${name}`)
      await node.start(name, program.command, program.environment)
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Runs a command with this terminal and our kubectl, in the cluster's network; resolves with its exit code. */
export async function runInNetwork(
  { node, kubeconfig, bin }: Cluster,
  network: 'node' | 'outside',
  command: readonly string[],
): Promise<number> {
  const [enter = '', ...args] = node.inNetwork(network, ...command)
  const env = { ...process.env, KUBECONFIG: kubeconfig, PATH: [bin, process.env['PATH']].join(delimiter) }
  const child = spawn(enter, args, { stdio: 'inherit', env })
  return await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1))
  })
}
