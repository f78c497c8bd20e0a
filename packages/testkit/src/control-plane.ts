// A real Kubernetes control plane on loopback ports: etcd, the API server and, if asked for, the controller-manager. No
// node: what it holds is real, nothing runs. Each program can be killed, frozen (SIGSTOP to `pid`) and started again.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { apiServerArguments, controllerManagerArguments, etcdArguments } from './control-plane-arguments.ts'
import { endWithParent } from './end-with-parent.ts'
import { freePorts } from './free-ports.ts'
import { adminUser, controllerManagerUser, kubeconfigPath, writeKubeCredentials } from './kube-credentials.ts'
import { kubernetesFolder } from './kubernetes-programs.ts'
import { until } from './until.ts'

export interface ControlPlaneOptions {
  /** Also the controller-manager, for what tests need it: service accounts, garbage collection, EndpointSlices. */
  controllerManager?: boolean
}

export interface ControlPlane extends AsyncDisposable {
  readonly url: string
  /** A file, of a user who may do everything. */
  readonly kubeconfig: string
  /** Everything it keeps, its logs included; `stop` removes it. `etcd` below it is etcd's data. */
  readonly dir: string
  readonly etcd: ControlPlaneProgram
  readonly apiServer: ControlPlaneProgram
  /** Answers what kubectl says; rejects with what it complains of. */
  kubectl(...args: readonly string[]): Promise<string>
  stop(): Promise<void>
}

export interface ControlPlaneProgram {
  readonly pid: number
  /** SIGKILL. */
  kill(): Promise<void>
  /** After `kill`: again, on the same port and data, this time with `more` arguments; resolves when it is ready. */
  start(more?: readonly string[]): Promise<void>
}

const startDeadlineMs = 60_000

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const bin = await kubernetesFolder()
  const dir = await mkdtemp(join(tmpdir(), 'penstock-kube-'))
  const credentials = join(dir, 'credentials')
  const [clientPort = 0, peerPort = 0, port = 0] = await freePorts(3)
  const etcdUrl = `http://127.0.0.1:${clientPort}`
  const url = `https://127.0.0.1:${port}`
  const programs: StoppableProgram[] = []
  const stop = async (): Promise<void> => {
    for (const program of programs.toReversed()) await program.kill()
    await rm(dir, { recursive: true, force: true })
  }
  const run = async (name: string, args: readonly string[], ready: () => Promise<boolean>) => {
    const program = createProgram({ name, args, ready, bin, dir })
    programs.push(program)
    await program.start()
    return program
  }
  try {
    await writeKubeCredentials(credentials, url, [adminUser, controllerManagerUser])
    const data = join(dir, 'etcd')
    const etcd = await run('etcd', etcdArguments(data, etcdUrl, `http://127.0.0.1:${peerPort}`), () => healthy(etcdUrl))
    const flags = [...apiServerArguments(etcdUrl, '127.0.0.1', port, credentials), '--bind-address=127.0.0.1']
    const trusted = join(credentials, 'apiserver.crt')
    // An address of loopback is no endpoint that the API server would announce.
    const apiServer = await run('kube-apiserver', [...flags, '--endpoint-reconciler-type=none'], () =>
      readyApiServer(url, trusted),
    )
    if (options.controllerManager) {
      const args = [...controllerManagerArguments(credentials), '--secure-port=0']
      await run('kube-controller-manager', args, async () => true)
    }
    const kubeconfig = kubeconfigPath(credentials, adminUser)
    const kubectl = async (...args: readonly string[]): Promise<string> =>
      (await promisify(execFile)(join(bin, 'kubectl'), [`--kubeconfig=${kubeconfig}`, ...args])).stdout
    return { url, kubeconfig, dir, etcd, apiServer, kubectl, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface StoppableProgram extends ControlPlaneProgram {
  readonly name: string
}

interface ProgramOptions {
  readonly name: string
  readonly args: readonly string[]
  readonly bin: string
  readonly dir: string
  ready(): Promise<boolean>
}

function createProgram({ name, args, ready, bin, dir }: ProgramOptions): StoppableProgram {
  let running: { child: ChildProcess; exited: Promise<unknown>; guard: ChildProcess } | undefined
  const kill = async (): Promise<void> => {
    running?.child.kill('SIGKILL')
    await running?.exited
    running?.guard.kill('SIGKILL')
    running = undefined
  }
  return {
    name,
    kill,
    get pid() {
      if (!running?.child.pid) throw new Error(`${name} is not running`)
      return running.child.pid
    },
    async start(more = []) {
      await mkdir(dir, { recursive: true })
      const file = join(dir, `${name}.log`)
      const log = await open(file, 'a')
      const child = spawn(join(bin, name), [...args, ...more], { cwd: dir, stdio: ['ignore', log.fd, log.fd] })
      await once(child, 'spawn')
      await log.close()
      running = { child, exited: once(child, 'exit'), guard: endWithParent(child.pid as number) }
      const isReady = async (): Promise<boolean> => {
        if (child.exitCode === null && child.signalCode === null) return await ready()
        throw new Error(`${name} ended: ${(await readFile(file, 'utf8')).slice(-1_000)}`)
      }
      await until(`${name} is ready`, isReady, startDeadlineMs)
    },
  }
}

async function healthy(etcdUrl: string): Promise<boolean> {
  const answer = await fetch(`${etcdUrl}/health`).catch(() => undefined)
  return answer?.ok ?? false
}

async function readyApiServer(url: string, trusted: string): Promise<boolean> {
  const ca = await readFile(trusted).catch(() => undefined)
  if (!ca) return false
  return await new Promise((resolve) => {
    const request = get(`${url}/readyz`, { ca, agent: false, timeout: 5_000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    request.once('error', () => resolve(false)).once('timeout', () => request.destroy(new Error('timeout')))
  })
}
