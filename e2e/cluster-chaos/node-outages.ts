// What befalls the node's own programs: pods go on without them, and nothing that they did must be done again.
import { setTimeout as delay } from 'node:timers/promises'
import type { Outage } from '../chaos/course.ts'
import type { FaultTimes } from './faults.ts'
import type { Scene } from './scene.ts'

/** They run pods, and probe them. */
const programs = ['containerd', 'kubelet']
/** As their units of systemd say: RestartSec. */
const restartMs = 5_000

export function nodeOutages({ cluster }: Scene, { freezeMs }: Pick<FaultTimes, 'freezeMs'>): Outage[] {
  const { node } = cluster
  const untilReady = async (): Promise<void> => {
    await cluster.kubectl(['wait', '--for=condition=Ready', '--timeout=60s', 'node/penstock-node'])
  }
  return programs.flatMap((program) => [
    {
      name: `${program}: kill -9`,
      async strike() {
        await node.signal(program, 'KILL')
        await delay(restartMs)
        await cluster.restart(program)
        await untilReady()
      },
    },
    {
      name: `${program}: frozen`,
      async strike() {
        await node.signal(program, 'STOP')
        await delay(freezeMs)
        await node.signal(program, 'CONT')
        await untilReady()
      },
    },
  ])
}
