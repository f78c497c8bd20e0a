// `npm start` as a newcomer types it: what it prints, what it runs, how it ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '@penstock/testkit'
import { isRunning, processTree, type RunningProcess } from './process-tree.ts'

export interface LocalStack extends AsyncDisposable {
  readonly lines: readonly string[]
  /** From its start to the line `ready`. */
  readonly readyMs: number
  /** Waits for a line from now on; with its groups. */
  line(pattern: RegExp): Promise<RegExpMatchArray>
  /** It and all that it started. */
  processes(): RunningProcess[]
  /** To the process group, as a terminal does; resolves when `npm` has ended and nobody prints any more. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<void>
}

export interface BeginningStack extends Omit<LocalStack, 'readyMs'> {
  line(pattern: RegExp, deadlineMs?: number): Promise<RegExpMatchArray>
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

export const root = resolve(import.meta.dirname, '../..')

const lineDeadlineMs = 30_000
/** A first start may build. */
const readyDeadlineMs = 120_000

/** In the folder `cwd`, where a newcomer stands. */
export function beginLocalStack(cwd: string, flags: readonly string[]): BeginningStack {
  return launch('npm', ['--prefix', root, 'start', '--', ...flags], cwd)
}

/** Resolves when it is ready. */
export async function startLocalStack(cwd: string, flags: readonly string[]): Promise<LocalStack> {
  const startedMs = performance.now()
  const stack = beginLocalStack(cwd, flags)
  try {
    await stack.line(/^ready http/, readyDeadlineMs)
    return { ...stack, readyMs: performance.now() - startedMs }
  } catch (error) {
    await stack[Symbol.asyncDispose]()
    throw error
  }
}

/** What `npm start` does once everything is built, for a start that must fail: its lines and its exit code. */
export async function failToStart(cwd: string, flags: readonly string[]): Promise<{ lines: string[]; code: number }> {
  await using stack = launch(process.execPath, [join(root, 'tools/stack/start.ts'), ...flags], cwd)
  return { code: Number(await stack.ended), lines: [...stack.lines] }
}

function launch(program: string, args: readonly string[], cwd: string): BeginningStack {
  // Jest's own options are not for others, and npm says anew where it was called.
  const { NODE_OPTIONS: _, INIT_CWD: __, ...env } = process.env
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines = linesOf(child)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  let over = false
  void ended.then(() => (over = true))
  const pid = child.pid as number
  return {
    lines,
    ended,
    line(pattern, deadlineMs = lineDeadlineMs) {
      const from = pattern.source.startsWith('^ready') ? 0 : lines.length
      return until(
        `a line like ${pattern.source}`,
        () => {
          const found = lines.slice(from).map((line) => line.match(pattern))
          const match = found.find((each) => each !== null)
          if (!match && over) throw new Error(`it ended without a line like ${pattern.source}: ${lines.join('\n')}`)
          return match
        },
        deadlineMs,
      )
    },
    processes: () => processTree(pid),
    async end(signal) {
      process.kill(-pid, signal)
      await ended
    },
    async [Symbol.asyncDispose]() {
      const left = processTree(pid)
      if (!over) process.kill(-pid, 'SIGTERM')
      const patience = setTimeout(() => {
        for (const one of left) if (isRunning(one)) process.kill(one.pid, 'SIGKILL')
      }, 15_000)
      await ended
      clearTimeout(patience)
    },
  }
}

function linesOf({ stdout, stderr }: ChildProcess): string[] {
  const lines: string[] = []
  for (const stream of [stdout, stderr])
    if (stream) createInterface({ input: stream }).on('line', (line) => lines.push(line))
  return lines
}
