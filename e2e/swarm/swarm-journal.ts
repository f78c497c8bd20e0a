// What is counted while the swarm goes on, phase by phase, and what went wrong.
import { cpuMs, memoryOf } from '../bench/process-cost.ts'
import type { SwarmServer } from './swarm-stack.ts'

export const troubleKinds = [
  'equal',
  'back',
  'missed',
  'differs',
  'replicas',
  'request',
  'process',
  'feedback',
] as const
export type TroubleKind = (typeof troubleKinds)[number]

export interface Trouble {
  readonly kind: TroubleKind
  readonly sentence: string
}

export interface SwarmPhase {
  readonly name: string
  readonly startedMs: number
  lastedMs: number
  edits: number
  requests: number
  reconnects: number
  toldBytes: number
  /** Of resources that were told to who had them. */
  equalBytes: number
  /** Until every proxy was connected and had what was there when the phase began. */
  wholeMs: number
  /** The longest time for which the test itself did nothing: it can tell nothing that is shorter. */
  pauseMs: number
  /** From an edit to a member that has it and says so. */
  readonly heldMs: number[]
}

/** Of a server, over its lives. */
export interface ServerCost {
  readonly name: string
  cpuMs: number
  peakMiB: number
}

export interface SwarmJournal extends Disposable {
  readonly phases: readonly SwarmPhase[]
  readonly troubles: readonly Trouble[]
  readonly costs: readonly ServerCost[]
  readonly phase: SwarmPhase
  begin(name: string): SwarmPhase
  trouble(kind: TroubleKind, sentence: string): void
  /** Before a server's life ends. */
  noteCost(server: SwarmServer): void
}

const lookMs = 50

/** Each kind; the rest of them says no more than these. */
const maxTroublesOfKind = 20

export function createSwarmJournal(): SwarmJournal {
  const phases: SwarmPhase[] = []
  const troubles: Trouble[] = []
  const costs: ServerCost[] = []
  const current = (): SwarmPhase => {
    const phase = phases.at(-1)
    if (!phase) throw new Error('no phase has begun')
    return phase
  }
  let lookedMs = performance.now()
  const look = setInterval(() => {
    const pauseMs = performance.now() - lookedMs - lookMs
    lookedMs += pauseMs + lookMs
    const phase = phases.at(-1)
    if (phase) phase.pauseMs = Math.max(phase.pauseMs, pauseMs)
  }, lookMs)
  return {
    phases,
    troubles,
    costs,
    get phase() {
      return current()
    },
    begin(name) {
      const counts = {
        lastedMs: 0,
        edits: 0,
        requests: 0,
        reconnects: 0,
        toldBytes: 0,
        equalBytes: 0,
        wholeMs: 0,
        pauseMs: 0,
      }
      phases.push({ name, startedMs: performance.now(), ...counts, heldMs: [] })
      return current()
    },
    trouble(kind, sentence) {
      if (troubles.filter((each) => each.kind === kind).length < maxTroublesOfKind) troubles.push({ kind, sentence })
    },
    noteCost({ slot: { name, pid } }) {
      const known = costs.find((cost) => cost.name === name) ?? { name, cpuMs: 0, peakMiB: 0 }
      if (!costs.includes(known)) costs.push(known)
      known.cpuMs += cpuMs(pid)
      known.peakMiB = Math.max(known.peakMiB, memoryOf(pid).peakMiB)
    },
    [Symbol.dispose]: () => clearInterval(look),
  }
}
