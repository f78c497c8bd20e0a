// A process and all that came of it, as Linux lists them.
import { readdirSync, readFileSync } from 'node:fs'

export interface RunningProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** With the pid it names a process for ever: pids are given out again. */
  readonly startTime: string
}

/** The process `root` and its descendants. */
export function processTree(root: number): RunningProcess[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (read(Number(name)) ?? []) : []))
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}

export function isRunning({ pid, startTime }: RunningProcess): boolean {
  return read(pid)?.startTime === startTime
}

/** Undefined for one that is gone, or has ended and was not yet waited for. */
function read(pid: number): RunningProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in parentheses and may hold anything; proc(5) counts the fields behind it from 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, parent] = fields
    if (state === 'Z' || state === 'X') return undefined
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid, parent: Number(parent), command, startTime: fields[22 - 3] ?? '' }
  } catch {
    return undefined
  }
}
