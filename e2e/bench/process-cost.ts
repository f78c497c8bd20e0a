// What a process has used so far, as Linux counts it.
import { readdirSync, readFileSync } from 'node:fs'

// USER_HZ is 100 on every Linux that Node runs on.
const tickMs = 10

/** User and system time, in ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

export interface Memory {
  /** All that is resident, the most that it ever was, and what of it are pages of files: code, which processes share. */
  readonly mib: number
  readonly peakMiB: number
  readonly fileMiB: number
}

export const memoryOf = (pid: number): Memory => ({
  mib: statusMiB(pid, /^VmRSS:\s+(\d+)/m),
  peakMiB: statusMiB(pid, /^VmHWM:\s+(\d+)/m),
  fileMiB: statusMiB(pid, /^RssFile:\s+(\d+)/m),
})

export const residentMiB = (pid: number): number => memoryOf(pid).mib

function statusMiB(pid: number, line: RegExp): number {
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
