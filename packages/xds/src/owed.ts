// What a proxy is owed: from its requests, and from changes of the fleet.
import type { Held, Lane } from './lane.ts'
import { forget } from './lane.ts'
import { charsOf } from './request-limits.ts'
import type { Batch, StoredResource } from './stored-resource.ts'
import { wildcardName } from './subscription.ts'

/** A request's part that asks (the rest of it answers). */
export interface Asking {
  resourceNamesSubscribe?: readonly string[] | undefined
  resourceNamesUnsubscribe?: readonly string[] | undefined
  initialResourceVersions?: Readonly<Record<string, string>> | undefined
}

/**
 * The first request of a stream for this type. What the proxy brought from an earlier stream and is still right is not
 * sent again, but for `cold` names: they wait for an answer, because what they warm was sent on this stream.
 */
export function openLane(lane: Lane, request: Asking, joins: boolean, cold: ReadonlySet<string>): void {
  const { resources, subscription } = lane
  const brought = new Map(Object.entries(request.initialResourceVersions ?? {}))
  lane.brought = brought.size > 0
  pass(lane, [...brought.keys()])
  subscription.open(request.resourceNamesSubscribe ?? [])
  const names = new Set(subscription.names())
  if (subscription.wildcard) for (const name of [...resources.keys(), ...brought.keys()]) names.add(name)
  for (const name of names) {
    const version = brought.get(name)
    if (cold.has(name) || (version === undefined && subscription.lists(name))) owe(lane, name, 'asked', joins)
    else if (version === undefined) owe(lane, name, 'nothing', joins)
    else if (version !== resources.get(name)?.version) owe(lane, name, 'other', joins)
  }
  // Who brought something knows what there is; who has nothing waits for word, even if there is nothing.
  lane.unanswered = subscription.wildcard && brought.size === 0
  for (const name of request.resourceNamesUnsubscribe ?? []) unsubscribe(lane, name, joins)
}

/** Any later request: every subscription change counts, whatever the nonce (rules 4, 8 to 10). */
export function resubscribe(lane: Lane, request: Asking, joins: boolean): void {
  for (const name of request.resourceNamesSubscribe ?? []) {
    lane.subscription.add(name)
    if (name !== wildcardName) owe(lane, name, 'asked', joins)
    else for (const each of lane.resources.keys()) owe(lane, each, 'asked', joins)
  }
  for (const name of request.resourceNamesUnsubscribe ?? []) unsubscribe(lane, name, joins)
}

function unsubscribe(lane: Lane, name: string, joins: boolean): void {
  const { subscription } = lane
  subscription.remove(name)
  if (name === wildcardName) {
    const pending = [lane.changed, lane.ahead, lane.removals, lane.late, lane.refused, ...lane.queue]
    for (const each of pending.flatMap((names) => [...names.keys()])) if (!subscription.covers(each)) forget(lane, each)
  } else if (subscription.covers(name)) {
    pass(lane, [name])
    owe(lane, name, 'asked', joins)
  } else forget(lane, name)
}

function pass(lane: Lane, names: readonly string[]): void {
  lane.passing.names += names.length
  lane.passing.chars += charsOf(names)
}

/** The fleet's resource of this name was `old` and is now another, or gone. */
export function noteChange(lane: Lane, name: string, old: StoredResource | undefined): void {
  if (!lane.subscription.covers(name)) return
  const before = old ?? 'nothing'
  // Of what is asked for on demand, a new one may be what something in its round waits for.
  const goesAhead = lane.type.onDemand ? old || lane.ahead.has(name) : lane.type.immediate && lane.resources.has(name)
  if (goesAhead) {
    lane.ahead.set(name, takePending(lane, name) ?? before)
  } else if (!lane.changed.has(name)) {
    const held = lane.ahead.get(name) ?? before
    lane.ahead.delete(name)
    lane.changed.set(name, held)
  }
}

/** Answers a name again if the proxy asked for it by name. */
export function askAgain(lane: Lane, name: string, joins: boolean): void {
  if (lane.subscription.lists(name) && lane.resources.has(name)) owe(lane, name, 'asked', joins)
}

/** Turns all that changed into the work of a round that begins now. */
export function takeChanges(lane: Lane): void {
  const batch: Batch = new Map()
  const changed = [...lane.changed]
  lane.changed.clear()
  for (const [name, since] of changed) {
    const held = since === 'asked' ? since : (lane.late.get(name)?.held ?? since)
    lane.late.delete(name)
    settle(lane, name, held, batch)
  }
  if (batch.size > 0) lane.queue.push(batch)
}

/** What the proxy must be told of a name, given what it holds; after a refusal that is anybody's guess. */
export function due(lane: Lane, name: string, held: Held): 'set' | 'absent' | 'remove' | undefined {
  const current = lane.resources.get(name)
  if (held === 'asked') return current ? 'set' : 'absent'
  const refusal = lane.refused.get(name)
  if (refusal && refusal.version === current?.version) return undefined
  const holds = refusal ? 'other' : held
  if (!current) return holds === 'nothing' ? undefined : 'remove'
  if (holds === 'nothing' || holds === 'other') return 'set'
  return holds.version === current.version ? undefined : 'set'
}

/** Goes ahead of all rounds, joins the one that is under way, or waits for the next one. */
function owe(lane: Lane, name: string, held: Held, joins: boolean): void {
  if (lane.type.onDemand && !lane.resources.has(name)) {
    takePending(lane, name)
    lane.ahead.set(name, held)
    return
  }
  if (!joins) {
    lane.changed.set(name, held)
    return
  }
  takePending(lane, name)
  const last = lane.queue.at(-1)
  const batch: Batch = last ?? new Map()
  const departed = lane.resources.has(name) ? undefined : lane.departed.get(name)
  if (held === 'asked' && departed) {
    // The round sends what needs it; the next one takes both away.
    batch.set(name, departed)
    lane.changed.set(name, departed)
  } else settle(lane, name, held, batch)
  if (!last && batch.size > 0) lane.queue.push(batch)
}

function settle(lane: Lane, name: string, held: Held, batch: Batch): void {
  const what = due(lane, name, held)
  if (what === 'remove') lane.removals.set(name, held)
  else if (what) batch.set(name, lane.resources.get(name))
}

/** What is noted of a name that the proxy holds, and no longer noted after this. */
function takePending(lane: Lane, name: string): Held | undefined {
  const { ahead, changed, removals, late } = lane
  const held = ahead.get(name) ?? changed.get(name) ?? removals.get(name) ?? late.get(name)?.held
  for (const pending of [ahead, changed, removals, late]) pending.delete(name)
  return held
}
