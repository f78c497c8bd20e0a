// What goes to a proxy while things change all the time, and what the services use for it.
import { setTimeout as delay } from 'node:timers/promises'
import { applications, type Churn, createChurn } from './churn-scene.ts'
import type { Sent } from './contender.ts'
import { cpuMs } from './process-cost.ts'
import {
  type ProcessName,
  type PropagationStack,
  processes,
  services,
  startStack,
  untilShown,
} from './propagation-stack.ts'
import type { SceneMemory } from './result-table.ts'

/** Per second. */
export interface Traffic {
  readonly edits: number
  /** To the proxy, by type: pods and Services are addresses, routes are resources. */
  readonly address: Sent
  readonly resource: Sent
  /** Milliseconds of processor time. */
  readonly cpuMs: Readonly<Record<ProcessName, number>>
}

export interface SteadyFigures extends SceneMemory {
  readonly still: Traffic
  readonly churning: Traffic
  /** Answers of the proxy that were no. */
  readonly refusals: number
}

/** Of a core, all services together. */
const calmShare = 0.2
const calmMs = 500

export interface SteadyOptions {
  readonly applications: number
  readonly seconds: number
  /** Between two edits; default half a second, as in the scenario. */
  readonly stepMs?: number
}

/** Under churn for `seconds`; and before, for a quarter of them, while nothing changes. */
export async function measureSteady(options: SteadyOptions): Promise<SteadyFigures> {
  const { applications: count, seconds, stepMs = 500 } = options
  const scene = applications(count)
  await using stack = await startStack(scene, 'agentgateway')
  const churn = createChurn(count)
  for (const manifest of churn.next()) await untilAcknowledged(stack, stack.write(manifest))
  await untilShown('the start is over', () => isCalm(stack))
  const still = await observe(stack, async () => {
    await delay((seconds / 4) * 1_000)
    return 0
  })
  const churning = await observe(stack, () => change(stack, churn, { seconds, stepMs }))
  return { scene: scene.what, still, churning, refusals: await stack.refusals(), memory: stack.memory() }
}

/** Routes are served long before their statuses are written. */
async function isCalm(stack: PropagationStack): Promise<boolean> {
  const used = (): number => services.reduce((sum, name) => sum + cpuMs(stack.pid(name)), 0)
  const before = used()
  await delay(calmMs)
  return used() - before < calmMs * calmShare
}

/** How many edits it made, of which the proxy has acknowledged the last. */
async function change(
  stack: PropagationStack,
  churn: Churn,
  { seconds, stepMs }: { readonly seconds: number; readonly stepMs: number },
): Promise<number> {
  const startedAt = performance.now()
  let edits = 0
  let writtenAt = startedAt
  while (edits * stepMs < seconds * 1_000) {
    for (const manifest of churn.next()) {
      writtenAt = stack.write(manifest)
      edits += 1
      // By the clock: what a write takes is not added up.
      await delay(Math.max(0, startedAt + edits * stepMs - performance.now()))
    }
  }
  await untilAcknowledged(stack, writtenAt)
  return edits
}

async function untilAcknowledged(stack: PropagationStack, writtenAt: number): Promise<void> {
  await untilShown('the edit is acknowledged', async () => stack.contender.acknowledgedAt() >= writtenAt)
}

async function observe(stack: PropagationStack, act: () => Promise<number>): Promise<Traffic> {
  const before = await counters(stack)
  const edits = await act()
  const after = await counters(stack)
  const seconds = (after.atMs - before.atMs) / 1_000
  const rate = <K extends string>(then: Readonly<Record<K, number>>, now: Readonly<Record<K, number>>) => {
    const names = Object.keys(now) as K[]
    return Object.fromEntries(names.map((name) => [name, (now[name] - then[name]) / seconds])) as Record<K, number>
  }
  return {
    edits: edits / seconds,
    address: rate(before.address, after.address),
    resource: rate(before.resource, after.resource),
    cpuMs: rate(before.cpuMs, after.cpuMs),
  }
}

async function counters(stack: PropagationStack) {
  const used = processes.map((name) => [name, cpuMs(stack.pid(name))])
  return {
    atMs: performance.now(),
    address: await stack.sent('Address'),
    resource: await stack.sent('Resource'),
    cpuMs: Object.fromEntries(used) as Traffic['cpuMs'],
  }
}
