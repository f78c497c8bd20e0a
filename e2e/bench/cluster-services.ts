// Our services as processes beside a real API server, NATS and Envoy, as their pods would run.
import { readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { newSealingKeys } from '@penstock/bus'
import { type ControlPlane, endWithParent, freePorts } from '@penstock/testkit'
import { type StackProcess, startProcess, waitUntilReady } from '@penstock/tools/stack'

export const serviceNames = ['watcher', 'translator', 'xds-server', 'status-reporter', 'infra-manager'] as const
export type ServiceName = (typeof serviceNames)[number]

export interface ClusterServices extends AsyncDisposable {
  readonly xdsPort: number
  /** Resolves with the process; `ready` later. */
  start(name: ServiceName): StackProcess
  ready(name: ServiceName): Promise<void>
  stop(name: ServiceName): Promise<void>
  pid(name: ServiceName): number
}

export interface ClusterServicesOptions {
  readonly natsUrl: string
  readonly plane: ControlPlane
  readonly install: string
  readonly source: string
  readonly statusWritesPerSecond: number
}

const dockerfile = readFileSync(resolve(import.meta.dirname, '../../Dockerfile'), 'utf8')
const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '') as string[]
/** As the image starts it, with the same flags of Node. */
export const commandOf = (name: ServiceName): string[] => {
  const flags = entrypoint.filter((word) => word.startsWith('--'))
  return [process.execPath, ...flags, `apps/${name}/dist/main.js`]
}
const readyDeadlineMs = 300_000
const graceMs = 10_000

export async function openClusterServices(options: ClusterServicesOptions): Promise<ClusterServices> {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-bench-'))
  const [firstPort = 0] = await freePorts(serviceNames.length + 1)
  const xdsPort = firstPort + serviceNames.length
  const environments = await environmentsOf({ ...options, folder, xdsPort })
  const running = new Map<ServiceName, StackProcess>()
  const portOf = (name: ServiceName): number => firstPort + serviceNames.indexOf(name)
  const processOf = (name: ServiceName): StackProcess => {
    const found = running.get(name)
    if (!found) throw new Error(`the ${name} is not running`)
    return found
  }
  const stop = async (name: ServiceName): Promise<void> => {
    await running.get(name)?.stop(graceMs)
    running.delete(name)
  }
  return {
    xdsPort,
    start(name) {
      const service = {
        name,
        command: commandOf(name),
        environment: { ...environments[name], PENSTOCK_ADMIN_PORT: String(portOf(name)) },
        ready: `http://127.0.0.1:${portOf(name)}/readyz`,
        dependsOn: [],
      }
      const onLine = (line: string): void => void process.stderr.write(`${name}: ${line.slice(0, 300)}\n`)
      const started = startProcess(service, { logFile: join(folder, `${name}.log`), onLine })
      const guard = endWithParent(started.pid)
      void started.ended.then(() => guard.kill('SIGKILL'))
      running.set(name, started)
      return started
    },
    ready: (name) => waitUntilReady(processOf(name), readyDeadlineMs, new AbortController().signal),
    stop,
    pid: (name) => processOf(name).pid,
    async [Symbol.asyncDispose]() {
      await Promise.all(serviceNames.map(stop))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Environment = Readonly<Record<string, string>>

async function environmentsOf(
  options: ClusterServicesOptions & { readonly folder: string; readonly xdsPort: number },
): Promise<Readonly<Record<ServiceName, Environment>>> {
  const { natsUrl, plane, install, source, statusWritesPerSecond, folder, xdsPort } = options
  const sealingKeys = join(folder, 'sealing-keys.json')
  await writeFile(sealingKeys, newSealingKeys())
  const all = {
    PENSTOCK_NATS_URL: natsUrl,
    PENSTOCK_INSTALL: install,
    PENSTOCK_SOURCE: source,
    PENSTOCK_LOG_LEVEL: 'warn',
  }
  const kube = { ...all, ...(await serviceAccount(join(folder, 'service-account'), plane)) }
  return {
    watcher: { ...kube, PENSTOCK_SEALING_KEYS: sealingKeys },
    translator: all,
    'xds-server': { ...all, PENSTOCK_XDS_PORT: String(xdsPort), PENSTOCK_SEALING_KEYS: sealingKeys },
    'status-reporter': {
      ...kube,
      PENSTOCK_GATEWAY_ADDRESS: '127.0.0.1',
      PENSTOCK_STATUS_WRITES_PER_SECOND: String(statusWritesPerSecond),
    },
    'infra-manager': kube,
  }
}

/** What the kubelet gives to a container: a folder and the address. A kubeconfig would cost a library more memory. */
async function serviceAccount(folder: string, { url, kubeconfig }: ControlPlane): Promise<Environment> {
  const { users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as { users: [{ user: { token: string } }] }
  await mkdir(folder)
  await writeFile(join(folder, 'token'), users[0].user.token, { mode: 0o600 })
  await copyFile(join(dirname(kubeconfig), 'apiserver.crt'), join(folder, 'ca.crt'))
  const { hostname, port } = new URL(url)
  return { PENSTOCK_SERVICE_ACCOUNT: folder, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
}
