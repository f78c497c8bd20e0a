// What processes hold: resident memory and open descriptors.
import { openDescriptors, residentMiB } from '../bench/process-cost.ts'

export interface Holder {
  readonly name: string
  readonly pid: number
}

type Footprint = ReadonlyMap<number, { readonly memoryMiB: number; readonly descriptors: number }>

export const footprintOf = (holders: readonly Holder[]): Footprint =>
  new Map(holders.map(({ pid }) => [pid, { memoryMiB: residentMiB(pid), descriptors: openDescriptors(pid) }]))

/** Of those that are still the same process: who gained most, as `+3 MiB (nats), +1 descriptors (watcher-2)`. */
export function growthSince(before: Footprint, holders: readonly Holder[]): string {
  const now = footprintOf(holders)
  const survivors = holders.flatMap(({ name, pid }) => {
    const [then, today] = [before.get(pid), now.get(pid)]
    if (!then || !today) return []
    return [{ name, memory: today.memoryMiB - then.memoryMiB, descriptors: today.descriptors - then.descriptors }]
  })
  const most = (of: 'memory' | 'descriptors', unit: string): string => {
    const [top] = survivors.toSorted((a, b) => b[of] - a[of])
    return top ? `${top[of] < 0 ? '' : '+'}${top[of].toFixed(0)} ${unit} (${top.name})` : 'none survived'
  }
  return `${most('memory', 'MiB')}, ${most('descriptors', 'descriptors')}`
}
