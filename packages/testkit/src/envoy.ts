// A real Envoy on loopback that takes its configuration from a test's xDS server. It dies with the process that started
// it, even when that one is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type BootstrapOptions, createBootstrap } from '@penstock/plane-envoy'
import { endWithParent } from './end-with-parent.ts'

export interface EnvoyOptions {
  /** Of its xDS server, or of several that serve the same. */
  xdsPort: number | readonly number[]
  fleet: string
  /** Default `envoy`. */
  node?: string
  /** Left out or 0: a free one. */
  adminPort?: number
  /** Where its bootstrap and log go; kept. Left out: a new folder, removed by `stop`. */
  dir?: string
  /** What else its bootstrap says. */
  bootstrap?: Partial<Pick<BootstrapOptions, 'adminPort' | 'readyPort' | 'drain' | 'identity'>>
}

export interface Envoy extends AsyncDisposable {
  readonly pid: number
  readonly dir: string
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly adminUrl: string
  /** Asks the admin interface; rejects on anything but 200. */
  admin(path: string): Promise<string>
  /** Of the statistics whose names match: by name. */
  stats(filter: string): Promise<Map<string, number>>
  /** Waits until `check` holds; the error after the deadline says `what` was waited for. */
  waitFor(what: string, check: (envoy: Envoy) => Promise<boolean>): Promise<void>
  /** Waits until its first configuration is in force, all of it. */
  waitUntilLive(): Promise<void>
  stop(): Promise<void>
}

const deadlineMs = 20_000
let started = 0

/** The binary of the local stack, or what ENVOY_BIN names. */
export function envoyPath(): string {
  return process.env['ENVOY_BIN'] ?? resolve(import.meta.dirname, '../../../.penstock/python/envoy/_bin/envoy')
}

export async function startEnvoy(options: EnvoyOptions): Promise<Envoy> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'penstock-envoy-')))
  await mkdir(dir, { recursive: true })
  const adminFile = join(dir, 'admin')
  await rm(adminFile, { force: true })
  const child = await launch(options, dir, adminFile)
  const exited = once(child, 'exit')
  const guard = endWithParent(child.pid as number)
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
    guard.kill('SIGKILL')
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  try {
    const adminUrl = `http://${await adminAddress(child, dir, adminFile)}`
    return createEnvoy({ child, dir, adminUrl, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

async function launch(options: EnvoyOptions, dir: string, adminFile: string): Promise<ChildProcess> {
  const { xdsPort, fleet, node = 'envoy', adminPort = 0, bootstrap } = options
  const config = join(dir, 'bootstrap.json')
  const xds = [xdsPort].flat().map((port) => ({ host: '127.0.0.1', port }))
  await writeFile(config, JSON.stringify(createBootstrap({ fleet, node, xds, adminPort, ...bootstrap })))
  const log = await open(join(dir, 'envoy.log'), 'w')
  // Shared memory of Envoys with equal ids would clash; without hot restart they have none.
  const apart = ['--disable-hot-restart', '--base-id', `${process.pid % 10_000}${started}`, '--concurrency', '1']
  // What it logs is read by tests that wait for it.
  const flags = [...apart, '--drain-strategy', 'immediate', '--file-flush-interval-msec', '50']
  started += 1
  const child = spawn(envoyPath(), ['-c', config, '--admin-address-path', adminFile, '-l', 'warn', ...flags], {
    stdio: ['ignore', log.fd, log.fd],
  })
  await once(child, 'spawn')
  await log.close()
  return child
}

async function adminAddress(child: ChildProcess, dir: string, file: string): Promise<string> {
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await delay(10)) {
    const address = await readFile(file, 'utf8').catch(() => '')
    if (address !== '') return address
    if (child.exitCode !== null) break
  }
  throw new Error(`Envoy did not start: ${await lastWords(dir)}`)
}

const lastWords = async (dir: string): Promise<string> =>
  (await readFile(join(dir, 'envoy.log'), 'utf8').catch(() => 'no log')).slice(-2_000)

type Running = Pick<Envoy, 'dir' | 'adminUrl' | 'stop'> & { child: ChildProcess }

function createEnvoy({ child, dir, adminUrl, stop }: Running): Envoy {
  const envoy: Envoy = {
    pid: child.pid as number,
    dir,
    adminUrl,
    async admin(path) {
      const answer = await fetch(`${adminUrl}${path}`)
      if (answer.status !== 200) throw new Error(`Envoy's admin interface answered ${answer.status} to ${path}`)
      return answer.text()
    },
    async stats(filter) {
      const lines = (await envoy.admin(`/stats?filter=${encodeURIComponent(filter)}`)).trimEnd().split('\n')
      return new Map(lines.map((line) => line.split(': ')).map(([name = '', value]) => [name, Number(value)]))
    },
    async waitFor(what, check) {
      for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await delay(10)) {
        if (await check(envoy).catch(() => false)) return
        if (child.exitCode !== null || child.signalCode !== null) break
      }
      throw new Error(`${what}: not within ${deadlineMs} ms; Envoy's log: ${await lastWords(dir)}`)
    },
    waitUntilLive: () =>
      envoy.waitFor('Envoy is live', async ({ admin }) => (await admin('/ready')).startsWith('LIVE')),
    stop,
    [Symbol.asyncDispose]: stop,
  }
  return envoy
}
