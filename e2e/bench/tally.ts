// A meter that can be read: the sums of counters, by name and the value of their first label.
import { type Meter, silentMeter } from '@penstock/telemetry'

export interface Tally {
  readonly meter: Meter
  /** 0: never counted. */
  sum(name: string, label: string): number
  /** Whatever its label. */
  total(name: string): number
}

export function createTally(): Tally {
  const sums = new Map<string, number>()
  return {
    meter: {
      ...silentMeter,
      counter: (name) => ({
        add(amount = 1, labels = {}) {
          const key = `${name} ${Object.values(labels)[0] ?? ''}`
          sums.set(key, (sums.get(key) ?? 0) + amount)
        },
      }),
    },
    sum: (name, label) => sums.get(`${name} ${label}`) ?? 0,
    total: (name) => [...sums].reduce((sum, [key, value]) => (key.startsWith(`${name} `) ? sum + value : sum), 0),
  }
}

/** What was published on a channel so far. */
export interface Published {
  readonly commits: number
  readonly records: number
  readonly bytes: number
}

export function publishedOn(tally: Tally, channel: string): Published {
  return {
    commits: tally.sum('penstock_bus_commits_total', channel),
    records: tally.sum('penstock_bus_published_records_total', channel),
    bytes: tally.sum('penstock_bus_published_bytes_total', channel),
  }
}

export const difference = (before: Published, after: Published): Published => ({
  commits: after.commits - before.commits,
  records: after.records - before.records,
  bytes: after.bytes - before.bytes,
})
