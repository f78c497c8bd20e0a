// An agentgateway that runs as a process, the real one or its stand-in. It listens on the wildcard address and on ports of its
// own, so each needs a machine, or a network namespace, of its own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithParent } from '../end-with-parent.ts'
import { until } from '../until.ts'

export interface AgentgatewayProcessOptions {
  readonly binary: string
  readonly xdsPort: number
  readonly namespace: string
  readonly gateway: string
}

export interface AgentgatewayProcess extends AsyncDisposable {
  /** The end of what it said. */
  log(): Promise<string>
}

const ports = { admin: 15_000, stats: 15_020, readiness: 15_021 }
const readyWithinMs = 20_000
/** Before its first configuration SIGTERM does not end it. */
const patienceMs = 1_000

/** Resolves when it is ready: when it has had an answer for each of its types. */
export async function startAgentgatewayProcess(options: AgentgatewayProcessOptions): Promise<AgentgatewayProcess> {
  const { binary, xdsPort, namespace, gateway } = options
  const folder = await mkdtemp(join(tmpdir(), 'penstock-agentgateway-'))
  const file = join(folder, 'log')
  const output = await open(file, 'w')
  const child = spawn(binary, ['-c', '{}'], {
    stdio: ['ignore', output.fd, output.fd],
    env: {
      // Nothing of its own: what this process is told is not for the proxy.
      ...{ PATH: process.env['PATH'], HOME: folder, IPV6_ENABLED: 'false' },
      ...{ XDS_ADDRESS: `http://127.0.0.1:${xdsPort}`, NAMESPACE: namespace, GATEWAY: gateway },
      ADMIN_ADDR: `127.0.0.1:${ports.admin}`,
      STATS_ADDR: `127.0.0.1:${ports.stats}`,
      READINESS_ADDR: `127.0.0.1:${ports.readiness}`,
    },
  })
  const exited = once(child, 'exit')
  await once(child, 'spawn')
  await output.close()
  const guard = endWithParent(child.pid as number)
  const log = async (): Promise<string> => (await readFile(file, 'utf8')).slice(-2_000)
  const running: AgentgatewayProcess = {
    log,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await exited
      clearTimeout(patience)
      guard.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  try {
    await until('agentgateway is ready', async () => hasEnded() || (await isReady()), readyWithinMs)
    if (hasEnded()) throw new Error(`agentgateway ended: ${await log()}`)
    return running
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
}

const isReady = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${ports.readiness}/healthz/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
