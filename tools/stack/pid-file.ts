// Which processes belong to a stack, so that one whose launcher was killed can be found and ended.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'

export interface PidFile {
  /** Processes of an earlier stack on the same data that still run. */
  leftovers(): number[]
  write(pids: readonly number[]): void
  remove(): void
}

export function createPidFile(file: string): PidFile {
  return {
    leftovers: () => readPids(file).filter(isRunning),
    write: (pids) => writeFileSync(file, `${JSON.stringify(pids)}\n`),
    remove: () => rmSync(file, { force: true }),
  }
}

function readPids(file: string): number[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as number[]
  } catch {
    return []
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
