// What happened while which fault was under way: figures to read, and troubles, of which there may be none.
import type { Outcome } from './load.ts'

export type TroubleKind =
  | 'request'
  | 'stream'
  | 'process'
  | 'resent'
  | 'late'
  | 'status'
  | 'went back'
  | 'fresh start'
  | 'stranger'

export interface Trouble {
  readonly kind: TroubleKind
  /** With its time and the fault under way. */
  readonly sentence: string
}

/** From the beginning of one fault to that of the next. */
export interface Phase {
  readonly name: string
  readonly startedMs: number
  /** By the time for which they were scheduled. */
  requests: number
  failed: number
  /** Their connection was lost, and they were answered on another. */
  askedAgain: number
  /** Streams that ended with their proxy, and were opened again. */
  streamsEnded: number
  slowestMs: number
  slowest: string
  /** Made during the outage. */
  edits: number
  /** From the end of the outage to when the last of those edits was in force, and told in its status. */
  lastLiveMs: number
  lastToldMs: number
  /** Sent to Envoy, where somebody counts them. */
  resources?: number
  /** What the survivors' memory and open descriptors gained most. */
  growth: string
}

export interface Journal {
  readonly phases: readonly Phase[]
  readonly troubles: readonly Trouble[]
  begin(name: string): Phase
  trouble(kind: TroubleKind, what: string): void
  /** With its proxy, which was to end. */
  streamEnded(): void
  /** For one request that is due now: whatever comes of it belongs to this phase. */
  request(): (outcome: Outcome) => void
}

export function createJournal(): Journal {
  const startedMs = performance.now()
  const phases: Phase[] = []
  const troubles: Trouble[] = []
  const since = (ms: number): string => `${((ms - startedMs) / 1_000).toFixed(2)} s`
  const note = (kind: TroubleKind, what: string, when: { ms: number; phase: string }): void => {
    troubles.push({ kind, sentence: `${since(when.ms)}, ${when.phase}: ${what}` })
  }
  return {
    phases,
    troubles,
    begin(name) {
      const figures = {
        requests: 0,
        failed: 0,
        askedAgain: 0,
        streamsEnded: 0,
        slowestMs: 0,
        edits: 0,
        lastLiveMs: 0,
        lastToldMs: 0,
      }
      const phase: Phase = { name, startedMs: performance.now(), ...figures, slowest: '', growth: '' }
      phases.push(phase)
      return phase
    },
    trouble: (kind, what) => note(kind, what, { ms: performance.now(), phase: phases.at(-1)?.name ?? 'before' }),
    streamEnded() {
      const phase = phases.at(-1)
      if (phase) phase.streamsEnded += 1
    },
    request() {
      const phase = phases.at(-1)
      if (!phase) throw new Error('no phase has begun')
      phase.requests += 1
      return ({ asked, scheduledMs, latencyMs, askedAgain, failure }) => {
        if (askedAgain > 0) phase.askedAgain += 1
        if (latencyMs > phase.slowestMs) Object.assign(phase, { slowestMs: latencyMs, slowest: asked })
        if (failure === undefined) return
        phase.failed += 1
        note('request', `${asked}: ${failure}`, { ms: scheduledMs, phase: phase.name })
      }
    },
  }
}
