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

/** Resident memory, in MiB. */
export const residentMiB = (pid: number): number => statusMiB(pid, /^VmRSS:\s+(\d+)/m)

/** The most resident memory that it ever had, in MiB. */
export const peakMiB = (pid: number): number => statusMiB(pid, /^VmHWM:\s+(\d+)/m)

function statusMiB(pid: number, line: RegExp): number {
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}

export const openDescriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
