// One of the ways to serve the same records to a proxy, and how an edit is measured on it.
import { setTimeout as delay } from 'node:timers/promises'
import { cpuMs } from './process-cost.ts'
import { type PropagationStack, type ServiceName, services } from './propagation-stack.ts'
import type { Questioner } from './question.ts'
import type { Edit, EditKind } from './scene.ts'
import { gatewayPort } from './scene-manifests.ts'

/** To the proxy so far. */
export interface Sent {
  readonly messages: number
  readonly resources: number
  readonly bytes: number
}

export interface Contender {
  readonly name: 'scoped' | 'plain' | 'agentgateway'
  /** What its ports are above those of the Gateway. */
  readonly portOffset: number
  readonly proxyPid: number
  /** When its proxy last acknowledged an edit, by `performance.now`. */
  acknowledgedAt(): number
  sent(): Promise<Sent>
}

const stages = ['heardAt', 'resourceAt', 'irAt', 'acknowledgedAt'] as const
type Stage = (typeof stages)[number]

/** Per edit. */
export interface EditCost extends Sent {
  readonly keys: number
  readonly proxyCpuMs: number
  readonly serviceCpuMs: Readonly<Record<ServiceName, number>>
  /** From the file written to each stage, ms, one for each edit; acknowledged is the last. */
  readonly stagesMs: Readonly<Record<Stage, readonly number[]>>
}

export interface Measured {
  readonly stack: PropagationStack
  readonly contender: Contender
  readonly kind: EditKind
  readonly questioner: Questioner
  /** The number of the next edit, one after the other over the whole scene. */
  next(): number
}

const deadlineMs = 60_000
const pauseMs = 20
const askEveryMs = 1
/** Where an edit takes seconds, fewer of them must do. */
const budgetMs = 8_000

/** Milliseconds from the rename to the first answer that shows the edit, asking every millisecond. */
export async function timesSeen(measured: Measured, edits: number): Promise<number[]> {
  const times: number[] = []
  const endsAt = performance.now() + budgetMs
  for (let done = 0; done < edits && performance.now() < endsAt; done += 1) {
    const edit = measured.kind.nth(measured.next())
    // The connection is there before.
    if (!edit.question.fresh) await shows(measured, edit)
    await delay(pauseMs)
    const writtenAt = measured.stack.write(edit.manifest)
    while (!(await shows(measured, edit))) {
      if (performance.now() - writtenAt > deadlineMs) throw late(edit)
      await delay(askEveryMs)
    }
    times.push(performance.now() - writtenAt)
  }
  return times
}

export async function shows({ contender, questioner }: Measured, { question, answer }: Edit): Promise<boolean> {
  const shown = await questioner.ask(question, gatewayPort + contender.portOffset)
  return shown?.includes(answer) === true
}

/** What an edit costs while nobody asks for anything. */
export async function costOf(measured: Measured, edits: number): Promise<EditCost> {
  const { stack, contender } = measured
  await delay(500)
  const before = await counters(measured)
  const stagesMs: Record<Stage, number[]> = { heardAt: [], resourceAt: [], irAt: [], acknowledgedAt: [] }
  const endsAt = performance.now() + budgetMs
  for (let done = 0; done < edits && performance.now() < endsAt; done += 1) {
    await delay(pauseMs)
    const edit = measured.kind.nth(measured.next())
    const writtenAt = stack.write(edit.manifest)
    await untilAcknowledged(measured, edit, writtenAt)
    const reached: Record<Stage, number> = { ...stack.stages, acknowledgedAt: contender.acknowledgedAt() }
    for (const stage of stages) stagesMs[stage].push(reached[stage] - writtenAt)
  }
  const after = await counters(measured)
  const made = stagesMs.heardAt.length
  const perEdit = (of: Exclude<keyof typeof after, 'services'>): number => (after[of] - before[of]) / made
  const serviceCpuMs = after.services.map(([name, ms], at) => [name, (ms - (before.services[at]?.[1] ?? 0)) / made])
  return {
    messages: perEdit('messages'),
    resources: perEdit('resources'),
    bytes: perEdit('bytes'),
    keys: perEdit('keys'),
    proxyCpuMs: perEdit('proxy'),
    serviceCpuMs: Object.fromEntries(serviceCpuMs) as EditCost['serviceCpuMs'],
    stagesMs,
  }
}

async function untilAcknowledged({ stack, contender }: Measured, edit: Edit, writtenAt: number): Promise<void> {
  const end = writtenAt + deadlineMs
  while (contender.acknowledgedAt() < writtenAt || stack.stages.irAt < writtenAt) {
    if (performance.now() > end) throw late(edit)
    await delay(1)
  }
}

async function counters({ stack, contender }: Measured) {
  return {
    ...(await contender.sent()),
    keys: await stack.recomputedKeys(),
    proxy: cpuMs(contender.proxyPid),
    services: services.map((name) => [name, cpuMs(stack.pid(name))] as const),
  }
}

const late = ({ answer }: Edit): Error => new Error(`${answer} was not in force within ${deadlineMs / 1_000} s`)
