// What we know of a kind. Unknown is not empty, and neither is held (design section 3).
import type { Fault } from '@penstock/fault'

export type KindState =
  /** Never listed; the fault says why not yet. */
  | { readonly is: 'unknown'; readonly fault?: Fault }
  /** Listed; with a fault: out of contact now, and what is known stays. */
  | { readonly is: 'synced'; readonly fault?: Fault }
  /** The server answered that we cannot read it, in these namespaces; the empty one is everywhere. */
  | {
      readonly is: 'held'
      readonly reason: HeldReason
      readonly message: string
      readonly namespaces: readonly string[]
    }

export type HeldReason = 'forbidden' | 'not_served'

/** One state for what was read in parts: the worst of them. */
export function combined(states: readonly KindState[]): KindState {
  const unknown = states.find(({ is }) => is === 'unknown')
  if (unknown) return unknown
  const held = states.filter((state) => state.is === 'held')
  const [first] = held
  if (first) return { ...first, namespaces: held.flatMap(({ namespaces }) => namespaces) }
  return states.find((state) => state.is === 'synced' && state.fault) ?? { is: 'synced' }
}

/** Whether somebody who was told of the one learns something from the other. */
export function sameState(one: KindState, other: KindState): boolean {
  return JSON.stringify(summary(one)) === JSON.stringify(summary(other))
}

function summary(state: KindState): unknown {
  return state.is === 'held' ? [state.is, state.reason, state.namespaces] : [state.is, state.fault?.code]
}
