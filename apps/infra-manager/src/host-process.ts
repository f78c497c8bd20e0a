// A proxy as a process of this machine. It ends with the infra-manager, even if that one is killed: its guard sees the pipe
// close. One that is left all the same is found by the file that names it, next time.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export interface HostCommand {
  readonly program: string
  readonly args: readonly string[]
  /** By name, in its folder. */
  readonly files: Readonly<Record<string, string>>
}

export interface HostProcess {
  readonly folder: string
  readonly running: boolean
  /** How it ended, with its last lines, as a sentence. */
  readonly ended: Promise<string>
  /** SIGTERM, then SIGKILL. */
  stop(): Promise<void>
}

const graceMs = 2_000
const [logName, pidName] = ['log', 'pid'] as const

/** In a folder of its own, which no other process may have; its command line names the folder. */
export function startHostProcess(folder: string, command: HostCommand): HostProcess {
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(command.files)) writeFileSync(join(folder, name), content)
  const logFile = join(folder, logName)
  const log = openSync(logFile, 'w')
  const child = spawn(command.program, command.args, { stdio: ['ignore', log, log] })
  closeSync(log)
  const end = endOf(child, command.program)
  const guard = child.pid === undefined ? undefined : endWithParent(child.pid)
  try {
    if (child.pid !== undefined) writeFileSync(join(folder, pidName), `${child.pid}\n`)
  } catch (error) {
    // Nobody would ever end it.
    child.kill('SIGKILL')
    throw error
  }
  let running = true
  const ended = end.then((how) => {
    running = false
    guard?.kill('SIGKILL')
    const words = lastLines(logFile)
    return words === '' ? `${how}.` : `${how}: ${words}`
  })
  return {
    folder,
    get running() {
      return running
    },
    ended,
    async stop() {
      if (running) child.kill('SIGTERM')
      const killing = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(killing)
      removeFolder(folder)
    },
  }
}

/** Kills `pid` when this process is gone. */
function endWithParent(pid: number): ChildProcess {
  const script = 'read -r _; kill -9 "$0" 2>/dev/null'
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  // Without one the proxy outlives this process if that is killed, and is found by its pid file.
  guard.once('error', () => {})
  guard.unref()
  return guard
}

function endOf(child: ChildProcess, program: string): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(`${program} could not be started (${message})`))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`))
  })
}

/** What is worth telling of a log: its last lines, without what stands before each. */
function lastLines(file: string): string {
  const lines = readText(file).trimEnd().split('\n').slice(-3)
  return lines
    .map((line) => line.replace(/^(\[[^\]]*\])+ */, ''))
    .join(' / ')
    .slice(-500)
}

/** Ends what runs of an earlier life on this folder of process folders, and removes their folders. */
export async function endLeftovers(folder: string): Promise<number[]> {
  const found: number[] = []
  for (const name of readdirSync(folder)) {
    const own = join(folder, name)
    const pid = Number(readText(join(own, pidName)))
    // Its number may be another one's by now.
    if (pid > 0 && commandLine(pid).includes(own)) {
      found.push(pid)
      await endByNumber(pid, own)
    }
    removeFolder(own)
  }
  return found
}

/** What cannot be removed is tried again at the next start. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // It costs some space until then.
  }
}

async function endByNumber(pid: number, folder: string): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    for (const until = performance.now() + graceMs; performance.now() < until; await delay(20)) {
      if (!commandLine(pid).includes(folder)) return
    }
  }
}

/** Empty: there is no such process, or it has ended and nobody has asked how. */
function commandLine(pid: number): string {
  const known = readText(`/proc/${pid}/cmdline`)
  if (known !== '' || process.platform === 'linux') return known
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
