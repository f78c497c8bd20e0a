// While the API server is away our services stay ready and tell one another nothing: what is known stays.
import { setTimeout as delay } from 'node:timers/promises'
import { metricAt } from '../bench/prometheus.ts'
import { adminOf, type Replica } from './replicas.ts'
import type { Scene } from './scene.ts'

export interface Complaints {
  unready(what: string): void
  told(what: string): void
}

const lookEveryMs = 1_000
const publishers = ['watcher', 'translator']

/** Resolves after `forMs`. */
export async function watchQuiet({ replicas }: Scene, forMs: number, complain: Complaints): Promise<void> {
  const before = await Promise.all(publishers.map((app) => published(replicas.of(app))))
  const untilMs = performance.now() + forMs
  const unready = new Set<string>()
  while (performance.now() < untilMs) {
    for (const replica of replicas.known) {
      if (replica.app !== 'nats' && !(await isReady(replica))) unready.add(replica.name)
    }
    await delay(lookEveryMs)
  }
  for (const name of unready) complain.unready(`${name} was not ready while the API server was away`)
  const after = await Promise.all(publishers.map((app) => published(replicas.of(app))))
  publishers.forEach((app, index) => {
    const count = (after[index] ?? 0) - (before[index] ?? 0)
    if (count !== 0) complain.told(`${app} published ${count} records while the API server was away`)
  })
}

async function published(replicas: readonly Replica[]): Promise<number> {
  const counts = replicas.map((replica) => metricAt(adminOf(replica), 'penstock_bus_published_records_total'))
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
}

const isReady = (replica: Replica): Promise<boolean> =>
  fetch(`http://${adminOf(replica)}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
