// Leaders that wake up in the middle of writing, after others have led for a while: frozen, or without network, for longer
// than a lease lasts, while everything is edited at once.
import { setTimeout as delay } from 'node:timers/promises'
import type { Outage } from '../chaos/course.ts'
import type { Journal } from '../chaos/journal.ts'
import { cutOff } from './network-cut.ts'
import { leading, type Replica, signal } from './replicas.ts'
import type { Scene } from './scene.ts'
import { createStorm } from './storm.ts'

export interface StormTimes {
  readonly rounds: number
}

/** A lease is free 6 s after its last renewal (packages/bus/src/settings.ts). */
const beyondLeaseMs = 7_500
/** The strikes of one round are so far from one another at most, so that they meet each leader at other work. */
const spreadMs = 500

export function leaderOutages(scene: Scene, journal: Journal, { rounds }: StormTimes): Outage[] {
  const { replicas, cluster } = scene
  const storm = createStorm(scene, (what) => journal.trouble('status', what))
  const outage = (how: string, strike: (leader: Replica) => Promise<() => Promise<void>>): Outage => ({
    name: `all leaders amid a storm, ${rounds} times: ${how}`,
    strike: () =>
      storm.amid(async () => {
        for (let round = 1; round <= rounds; round += 1) {
          const leaders = await Promise.all(leading.map((app) => replicas.leader(app)))
          await Promise.all(
            leaders.map(async (leader) => {
              await delay(Math.random() * spreadMs)
              const end = await strike(leader)
              await delay(beyondLeaseMs)
              await end()
            }),
          )
        }
      }),
  })
  return [
    outage('frozen', async ({ pid }) => {
      signal(pid, 'SIGSTOP')
      return async () => signal(pid, 'SIGCONT')
    }),
    outage('cut off', (leader) => cutOff(cluster.node, leader)),
  ]
}
