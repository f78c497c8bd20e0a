// What is done to the stack, one after the other.
import { setTimeout as delay } from 'node:timers/promises'
import { type ChaosStack, leaderOf, standbyOf, twice } from './chaos-stack.ts'
import type { ProcessSlot } from './process-slot.ts'

export interface Fault {
  readonly name: string
  /** Resolves with those that it struck, when the outage is over: thawed, or their processes started again. */
  strike(stack: ChaosStack): Promise<readonly ProcessSlot[]>
}

export interface FaultTimes {
  readonly freezeMs: number
  /** From the death of a process to its next life. */
  readonly pauseMs: number
}

type Victims = (stack: ChaosStack) => Promise<readonly ProcessSlot[]>

/** Each service that leads or serves, and each that stands by, on its own. */
export const oneByOne: Readonly<Record<string, Victims>> = {
  ...Object.fromEntries(
    twice.map((service) => [`${service}, leading`, async (stack) => [await leaderOf(stack, service)]]),
  ),
  ...Object.fromEntries(
    twice.map((service) => [`${service}, second`, async (stack) => [await standbyOf(stack, service)]]),
  ),
  'status-reporter': async ({ statusReporter }) => [statusReporter],
  nats: async ({ nats }) => [nats],
}

/** The same, with all that stand by, which nobody may miss, at one time. */
export const sideBySide: Readonly<Record<string, Victims>> = {
  ...Object.fromEntries(Object.entries(oneByOne).filter(([name]) => !name.endsWith('second'))),
  'all seconds': (stack) => Promise.all(twice.map((service) => standbyOf(stack, service))),
}

export function faultsOf(victims: Readonly<Record<string, Victims>>, { freezeMs, pauseMs }: FaultTimes): Fault[] {
  const kill = async (slots: readonly ProcessSlot[], meanwhile = (): void => {}): Promise<readonly ProcessSlot[]> => {
    await Promise.all(slots.map((slot) => slot.kill()))
    meanwhile()
    await delay(pauseMs)
    for (const slot of slots) slot.start()
    return slots
  }
  const freeze = async (slots: readonly ProcessSlot[]): Promise<readonly ProcessSlot[]> => {
    for (const slot of slots) slot.freeze()
    await delay(freezeMs)
    for (const slot of slots) slot.thaw()
    return slots
  }
  const all = Object.entries(victims)
  return [
    ...all.map(([name, find]) => ({
      name: `${name}: kill -9`,
      strike: async (at: ChaosStack) => kill(await find(at)),
    })),
    ...all.map(([name, find]) => ({
      name: `${name}: frozen`,
      strike: async (at: ChaosStack) => freeze(await find(at)),
    })),
    { name: 'nats: kill -9, wiped', strike: (at) => kill([at.nats], () => at.wipeNats()) },
    {
      name: 'nats: restarted',
      async strike({ nats }) {
        await nats.stop()
        nats.start()
        return [nats]
      },
    },
  ]
}
