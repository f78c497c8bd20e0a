// One type on one stream: what its proxy asked for, what it must still be told, and the one response it has not
// answered yet. Only differences from the fleet's resources are kept, so a stream that is up to date costs
// its names and nothing else.
import type { Fleet } from './fleet.ts'
import type { Extent } from './request-limits.ts'
import type { Batch, StoredResource } from './stored-resource.ts'
import { createSubscription, type Subscription } from './subscription.ts'
import type { ResourceType } from './type-phase.ts'

/**
 * What the proxy holds of a name: a known content, nothing, something that is not known here, or it asked for the name
 * and must be answered whatever it holds.
 */
export type Held = StoredResource | 'nothing' | 'other' | 'asked'

/** A content that the proxy refused: not sent again until it changes, and noted until another is accepted. */
export interface Refusal {
  version: string
  message: string
  commit: number
}

/** A removal that waits until requests under way no longer need the resource. */
export interface Late {
  held: Held
  dueMs: number
}

/** The response that waits for its answer. */
export interface Flight {
  nonce: string
  batch: Batch
  /** Whether the round waits for the answer. */
  gates: boolean
  /** Whether it carries changes that went ahead of the round. */
  ahead: boolean
  /** What the fleet was at when it left. */
  commit: number
  sentAtMs: number
}

export interface Lane {
  readonly type: ResourceType
  /** The fleet's resources of this type, live. */
  readonly resources: ReadonlyMap<string, StoredResource>
  /** Those that went a short time ago, if what needs them may still be on its way. Live. */
  readonly departed: ReadonlyMap<string, StoredResource>
  readonly subscription: Subscription
  /** Names that the proxy did not ask for, or no longer: it brought them or let them go, and may have to be told of them. */
  passing: Extent
  /** Whether the proxy held some of this type before the stream began. */
  brought: boolean
  /** Names that changed since the round began, with what the proxy will hold when it ends: for the next round. */
  readonly changed: Map<string, Held>
  /** Names of an immediate type that changed, or were asked for on demand, with what the proxy holds: for the next response. */
  readonly ahead: Map<string, Held>
  /** Sets and answers of the round, one response each. */
  queue: Batch[]
  /** Removals of the round, told once its sets are acknowledged. */
  readonly removals: Map<string, Held>
  readonly late: Map<string, Late>
  readonly refused: Map<string, Refusal>
  flight: Flight | undefined
  /** Whether a first request for everything is still to be answered, if need be with nothing: clients wait for it. */
  unanswered: boolean
  /** The commit up to which all that went ahead of rounds is acknowledged; counts while something is not. */
  aheadAcknowledged: number
  /** Source of the last nonce. */
  lastSerial: number
  /** Names sent while nobody had asked for the type that warms them. */
  unwarmed: Set<string> | undefined
}

export const createLane = (type: ResourceType, fleet: Pick<Fleet, 'resources' | 'departed'>): Lane => ({
  type,
  get resources() {
    return fleet.resources(type.typeUrl)
  },
  get departed() {
    return fleet.departed(type.typeUrl)
  },
  subscription: createSubscription(),
  passing: { names: 0, chars: 0 },
  brought: false,
  changed: new Map(),
  ahead: new Map(),
  queue: [],
  removals: new Map(),
  late: new Map(),
  refused: new Map(),
  flight: undefined,
  unanswered: false,
  aheadAcknowledged: 0,
  lastSerial: 0,
  unwarmed: undefined,
})

/** Whether the round waits for sets or answers of this lane. */
export const isSetting = (lane: Lane): boolean =>
  lane.queue.length > 0 || owesGreeting(lane) || lane.flight?.gates === true

/** Whether the answer to a first request for everything is that there is nothing. */
export const owesGreeting = (lane: Lane): boolean =>
  lane.unanswered && lane.queue.length === 0 && lane.changed.size === 0

/** Whether anything of a round is left, under way or for the next one. */
export const isBusy = (lane: Lane): boolean => isSetting(lane) || lane.removals.size > 0 || lane.changed.size > 0

/** Whether there is nothing that the proxy must be told, or must answer. */
const isQuiet = (lane: Lane): boolean => !lane.flight && !isBusy(lane) && lane.ahead.size === 0 && lane.late.size === 0

/** Once the proxy has been told all, names that it does not ask for are held no longer. */
export function settlePassing(lane: Lane): void {
  if (isQuiet(lane)) lane.passing = { names: 0, chars: 0 }
}

/** Whether changes that went ahead are not acknowledged yet. */
export const isAhead = (lane: Lane): boolean => lane.ahead.size > 0 || lane.flight?.ahead === true

/** What the proxy refuses of what is there now. */
export const refusals = (lane: Lane): [string, Refusal][] =>
  [...lane.refused].filter(([name, { version }]) => lane.resources.get(name)?.version === version)

/** Forgets what was to be told of a name that the proxy no longer asks for. */
export function forget(lane: Lane, name: string): void {
  for (const pending of [lane.changed, lane.ahead, lane.removals, lane.late, lane.refused]) pending.delete(name)
  for (const batch of lane.queue) batch.delete(name)
  lane.queue = lane.queue.filter((batch) => batch.size > 0)
  lane.unwarmed?.delete(name)
}
