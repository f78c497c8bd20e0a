// A real nats-server on a loopback port, for tests and benches. It dies with the process that started it, even when
// that one is killed, and it can be killed, frozen (SIGSTOP to `pid`) and started again on its folder and port.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { endWithParent } from './end-with-parent.ts'

export interface NatsServerOptions {
  /** Where streams live; kept. Left out: a new folder, removed by `stop`. */
  dir?: string
  /** Left out or 0: a free one. */
  port?: number
  /** More lines of nats-server configuration. */
  config?: string
}

export interface NatsServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly port: number
  readonly dir: string
  /** Of its monitoring, if the configuration has one. */
  readonly monitoring: string | undefined
  /** Ends it in order; removes the folder if it is ours. */
  stop(): Promise<void>
  /** SIGKILL; the folder stays, so that a new server can be started on it. */
  kill(): Promise<void>
}

const startDeadlineMs = 20_000

/** The binary of the local stack, or what NATS_SERVER_BIN names. */
function natsServerPath(): string {
  return process.env['NATS_SERVER_BIN'] ?? resolve(import.meta.dirname, '../../../.penstock/python/bin/nats-server')
}

async function configure(dir: string, options: NatsServerOptions): Promise<string> {
  const file = join(dir, 'nats.conf')
  const lines = [
    `listen: "127.0.0.1:${options.port || -1}"`,
    'max_payload: 4MB',
    `jetstream { store_dir: ${JSON.stringify(join(dir, 'store'))} }`,
    options.config ?? '',
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

interface Ports {
  readonly nats?: readonly string[]
  readonly monitoring?: readonly string[]
}

async function listeningAt(dir: string, child: ChildProcess): Promise<{ url: string; monitoring: string | undefined }> {
  const ending = `_${child.pid}.ports`
  for (const deadline = Date.now() + startDeadlineMs; Date.now() < deadline; await delay(10)) {
    if (child.exitCode !== null) break
    const found = (await readdir(dir)).find((name) => name.endsWith(ending))
    const text = found === undefined ? '' : await readFile(join(dir, found), 'utf8')
    if (!text.trimEnd().endsWith('}')) continue
    const { nats, monitoring } = JSON.parse(text) as Ports
    const url = nats?.[0]
    if (url !== undefined) return { url, monitoring: monitoring?.[0] }
  }
  child.kill('SIGKILL')
  const log = await readFile(join(dir, 'nats.log'), 'utf8').catch(() => 'no log')
  throw new Error(`nats-server did not start: ${log.slice(-500)}`)
}

export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'penstock-nats-')))
  await mkdir(dir, { recursive: true })
  const config = await configure(dir, options)
  const child = spawn(natsServerPath(), ['-c', config, '--ports_file_dir', dir, '-l', join(dir, 'nats.log')], {
    stdio: 'ignore',
  })
  await once(child, 'spawn')
  const pid = child.pid as number
  const exited = once(child, 'exit')
  const guard = endWithParent(pid)
  const { url, monitoring } = await listeningAt(dir, child)

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await exited
    guard.kill('SIGKILL')
  }
  const stop = async (): Promise<void> => {
    await end('SIGTERM')
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true })
  }
  const port = Number(new URL(url).port)
  return { url, pid, port, dir, monitoring, stop, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: stop }
}
