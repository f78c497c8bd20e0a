// What a process has used so far, as Linux counts it.
import { readdirSync, readFileSync } from 'node:fs'

/** What its threads have run so far, to the nanosecond: the clock ticks of `stat` are too coarse for one edit. */
export function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const ranNs = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  return ranNs.reduce((sum, ns) => sum + Number(ns), 0) / 1e6
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
