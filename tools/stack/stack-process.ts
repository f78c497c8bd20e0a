// One service of the stack as a process: its lines, its end, and how it is made to end.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { StackService } from './compose.ts'

export interface StackProcessOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  /** Every line goes here as it came. */
  logFile: string
  onLine(line: string): void
}

/** How a process ended: its exit code, or the signal. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

export class StackProcess implements AsyncDisposable {
  readonly service: StackService
  readonly ended: Promise<Ending>
  readonly logFile: string
  private readonly child: ChildProcess
  private ending: Ending | undefined

  constructor(service: StackService, options: StackProcessOptions) {
    this.service = service
    this.logFile = options.logFile
    mkdirSync(dirname(this.logFile), { recursive: true })
    const log = createWriteStream(this.logFile)
    const [program = '', ...args] = service.command
    // A process group of its own: Ctrl-C in the terminal reaches the launcher alone, which ends things in order.
    this.child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env, ...service.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`)
        options.onLine(line)
      })
    }
    this.ended = new Promise((resolve) => {
      const end = (ending: Ending): void => {
        this.ending = ending
        log.end()
        resolve(ending)
      }
      this.child.once('error', (error) => {
        options.onLine(`cannot start ${program}: ${error.message}`)
        end({ code: 127, signal: null })
      })
      this.child.once('close', (code, signal) => end({ code, signal }))
    })
  }

  /** Throws when the program could not be started. */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.service.name} has no process`)
    return this.child.pid
  }

  get running(): boolean {
    return this.ending === undefined
  }

  /** SIGTERM, then SIGKILL to what is left of it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.signal('SIGTERM')
    const stopWaiting = new AbortController()
    const killLater = delay(graceMs, undefined, { signal: stopWaiting.signal }).then(
      () => this.signal('SIGKILL'),
      () => {},
    )
    await this.ended
    stopWaiting.abort()
    await killLater
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(5_000)
  }

  private signal(signal: NodeJS.Signals): void {
    if (!this.running || this.child.pid === undefined) return
    try {
      process.kill(-this.child.pid, signal)
    } catch {
      // Gone between the look and the signal.
    }
  }
}
