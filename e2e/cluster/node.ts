// A node: namespaces and cgroups of its own, held by one first process. What runs in it is started from outside, and
// ends with it. Its whole state is a folder, so that any process may find it again.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { endWithParent, until } from '@penstock/testkit'
import { type Cgroup, createCgroups, removeAbandonedCgroups, removeCgroups } from './cgroups.ts'

export interface Node {
  readonly dir: string
  readonly cgroups: readonly Cgroup[]
  /** The command line that runs a command in the node, with the node's files, processes and network. */
  inside(...command: readonly string[]): readonly string[]
  /** The command line that runs a command of this machine in the node's network, or in that of outside clients. */
  inNetwork(network: 'node' | 'outside', ...command: readonly string[]): readonly string[]
  /** Starts a daemon; its output goes to `log/<name>.log`. */
  start(name: string, command: readonly string[], environment?: Readonly<Record<string, string>>): Promise<void>
  /** Signals a daemon by its name. */
  signal(name: string, signal: 'KILL' | 'STOP' | 'CONT' | 'TERM'): Promise<void>
}

export type Life = 'ends with this process' | 'outlives this process'

const run = promisify(execFile)
let made = 0

/** Makes the namespaces; resolves when mounts and network stand. */
export async function createNode(dir: string, life: Life): Promise<Node> {
  if (existsSync(join(dir, 'pid'))) throw new Error(`${dir} holds a node already; end it first`)
  for (const name of ['log', 'run']) await mkdir(join(dir, name), { recursive: true })
  removeAbandonedCgroups()
  const cgroups = createCgroups(`${process.pid}-${made}`)
  made += 1
  await writeFile(join(dir, 'cgroups'), cgroups.map(({ controller, path }) => `${controller} ${path}\n`).join(''))
  const script = 'while read -r _ path; do echo 0 > "$path/cgroup.procs"; done < "$0/cgroups"; exec "$@"'
  const namespaces = ['--cgroup', '--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child']
  const first = ['bash', join(import.meta.dirname, 'node.sh'), dir]
  const holder = spawn('bash', ['-c', `${script} > "$0/log/node.log" 2>&1`, dir, 'unshare', ...namespaces, ...first], {
    detached: true,
    stdio: 'ignore',
  })
  holder.unref()
  if (life === 'ends with this process') {
    const guard = endWithParent(holder.pid as number)
    holder.once('exit', () => guard.kill('SIGKILL'))
  }
  await writeFile(join(dir, 'pid'), String(holder.pid))
  await until('the node has its mounts and its network', () => isReady(dir, holder))
  return openNode(dir)
}

function isReady(dir: string, holder: ChildProcess): boolean {
  if (holder.exitCode === null) return existsSync(join(dir, 'ready'))
  throw new Error(`no node: ${readFileSync(join(dir, 'log/node.log'), 'utf8')}`)
}

/** The node that lives in the folder. */
export function openNode(dir: string): Node {
  const holder = holderOf(dir)
  if (holder === undefined) throw new Error(`no node runs in ${dir}`)
  const first = readFileSync(`/proc/${holder}/task/${holder}/children`, 'utf8').trim()
  const enter = ['nsenter', '--target', first]
  const inside: Node['inside'] = (...command) => [
    ...[...enter, '--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', `--wdns=${dir}`, '--'],
    ...command,
  ]
  return {
    dir,
    cgroups: readCgroups(dir),
    inside,
    inNetwork: (network, ...command) => {
      const place = network === 'node' ? `/proc/${first}/ns/net` : `/proc/${first}/root/run/netns/outside`
      return ['nsenter', `--net=${place}`, '--', ...command]
    },
    async start(name, command, environment = {}) {
      // Entering a namespace moves no process into its cgroups; `echo 0` moves the one that writes.
      const script = `for procs in /sys/fs/cgroup/*/cgroup.procs; do echo 0 > "$procs"; done
        echo $$ > run/${name}.pid; exec "$@" > log/${name}.log 2>&1`
      const [enterNode = '', ...args] = inside('setsid', '--fork', 'bash', '-c', script, name, ...command)
      // Waits for no output: the daemon would keep the pipe open.
      const started = spawn(enterNode, args, { stdio: 'ignore', env: { ...process.env, ...environment } })
      await new Promise((resolve, reject) => started.once('exit', resolve).once('error', reject))
    },
    async signal(name, signal) {
      const pid = (await readFile(join(dir, 'run', `${name}.pid`), 'utf8')).trim()
      const [command = '', ...args] = inside('kill', `-${signal}`, pid)
      await run(command, args)
    },
  }
}

/** The process that holds the namespaces, if it is alive and still ours. */
function holderOf(dir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dir, 'pid'), 'utf8'))
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir) ? pid : undefined
  } catch {
    return undefined
  }
}

/** Ends the node that lives in the folder, also one half made, and removes the folder. */
export async function removeNode(dir: string): Promise<void> {
  const holder = holderOf(dir)
  if (holder !== undefined) process.kill(holder, 'SIGKILL')
  const cgroups = readCgroups(dir)
  // The kernel ends what lived there in its own time.
  await until('the cgroups of the node are empty', () => removeCgroups(cgroups).length === 0)
  await rm(dir, { recursive: true, force: true })
}

function readCgroups(dir: string): readonly Cgroup[] {
  if (!existsSync(join(dir, 'cgroups'))) return []
  const lines = readFileSync(join(dir, 'cgroups'), 'utf8').trim().split('\n')
  return lines.map((line) => line.split(' ')).map(([controller = '', path = '']) => ({ controller, path }))
}
