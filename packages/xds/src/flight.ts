// Responses of one lane: what leaves next, and what an answer means. At most one is under way; what changes meanwhile
// waits, newest content only.

import { type Flight, type Lane, owesGreeting } from './lane.ts'
import { due } from './owed.ts'
import type { Batch } from './stored-resource.ts'
import { divideSuspects } from './suspects.ts'

/** Where responses go. */
export interface Wire {
  /** Sends and returns the nonce. */
  send(lane: Lane, batch: Batch): string
  /** What the fleet is at. */
  commit(): number
  /** Monotonic. */
  elapsedMs(): number
}

/**
 * Sends the round's next batch, if its phase is open, and what may go ahead of the round. True if anything left. What is
 * asked for on demand goes ahead with that, but has no response of its own here: a flood of it must not hold up rounds.
 */
export function sendSets(lane: Lane, open: boolean, wire: Wire): boolean {
  if (lane.flight) return false
  const greets = open && owesGreeting(lane)
  const batch: Batch = (open ? lane.queue.shift() : undefined) ?? new Map()
  const gates = batch.size > 0 || greets
  if (!gates && lane.type.onDemand) return false
  const ahead = takeAhead(lane, batch)
  if (!gates && !ahead) return false
  lane.unanswered &&= !gates
  fly(lane, batch, { gates, ahead }, wire)
  return true
}

export function sendRemovals(lane: Lane, wire: Wire): void {
  if (lane.flight || lane.removals.size === 0) return
  const batch: Batch = new Map([...lane.removals.keys()].map((name) => [name, undefined]))
  lane.removals.clear()
  fly(lane, batch, { gates: true, ahead: false }, wire)
}

/** Of the removals of the first phase, those that go with the round. */
export function sendParts(lane: Lane, wire: Wire): void {
  const parts = lane.flight ? [] : removedParts(lane)
  if (parts.length === 0) return
  for (const name of parts) lane.removals.delete(name)
  fly(lane, new Map(parts.map((name) => [name, undefined])), { gates: true, ahead: false }, wire)
}

/** Parts of what stays. */
export function removedParts({ type: { partOf }, resources, removals }: Lane): string[] {
  if (partOf === undefined) return []
  return [...removals.keys()].filter((name) => {
    const whole = partOf(name)
    return whole !== undefined && resources.has(whole)
  })
}

/** What was asked for on demand, and what of it changed. */
export function sendDemanded(lane: Lane, wire: Wire): void {
  if (lane.flight || !lane.type.onDemand) return
  const batch: Batch = new Map()
  if (takeAhead(lane, batch)) fly(lane, batch, { gates: false, ahead: true }, wire)
}

/** Sends the late removals that are due. Nothing waits for their answer. */
export function sendLate(lane: Lane, nowMs: number, wire: Wire): void {
  if (lane.flight) return
  const batch: Batch = new Map()
  for (const [name, { dueMs }] of lane.late) {
    if (dueMs > nowMs) break
    if (lane.resources.has(name)) continue
    batch.set(name, undefined)
    lane.late.delete(name)
  }
  if (batch.size > 0) fly(lane, batch, { gates: false, ahead: false }, wire)
}

export type Answer = 'stale' | 'ack' | 'nack'

/** Why a response was refused. `named`: what the proxy says of each resource that it did not take, and it took the others. */
export interface Refused {
  readonly message: string
  readonly named?: ReadonlyMap<string, string>
}

/**
 * An answer to the response under way. Rule 5: a refused content is not sent again until it changes. Most proxies refuse a
 * response as a whole and may have applied any part of it, so one with several resources is divided and sent again
 * until the guilty ones stand alone; their neighbours then go on.
 */
export function takeAnswer(lane: Lane, nonce: string, refusal: Refused | undefined): Answer {
  const { flight } = lane
  if (!flight || flight.nonce !== nonce) return 'stale'
  lane.flight = undefined
  if (flight.ahead) lane.aheadAcknowledged = flight.commit
  if (refusal === undefined) {
    for (const name of flight.batch.keys()) lane.refused.delete(name)
    return 'ack'
  }
  if (!blame(lane, flight, refusal.named)) divide(lane, flight, refusal.message)
  return 'nack'
}

/** False: nothing of the response was named, so any of it may be guilty. */
function blame(lane: Lane, { batch, commit }: Flight, named: Refused['named']): boolean {
  if (named === undefined || ![...batch.keys()].some((name) => named.has(name))) return false
  for (const [name, resource] of batch) {
    const message = named.get(name)
    if (message === undefined || !resource) lane.refused.delete(name)
    else if (lane.subscription.covers(name)) lane.refused.set(name, { version: resource.version, message, commit })
  }
  return true
}

function divide(lane: Lane, { batch, commit }: Flight, message: string): void {
  const told = [...batch].filter(([name]) => lane.subscription.covers(name))
  const absent = told.filter(([, resource]) => !resource)
  const suspects = told.filter(([, resource]) => resource)
  const [only] = suspects
  if (suspects.length > 1) lane.queue.unshift(...divideSuspects(new Map(suspects), message))
  else if (only?.[1]) lane.refused.set(only[0], { version: only[1].version, message, commit })
  if (only && absent.length > 0) lane.queue.unshift(new Map(absent))
}

function takeAhead(lane: Lane, batch: Batch): boolean {
  let took = false
  for (const [name, held] of lane.ahead) {
    if (!batch.has(name) && due(lane, name, held) === undefined) continue
    batch.set(name, lane.resources.get(name))
    for (const later of lane.queue) later.delete(name)
    took = true
  }
  if (took) lane.queue = lane.queue.filter((later) => later.size > 0)
  lane.ahead.clear()
  return took
}

function fly(lane: Lane, batch: Batch, kind: Pick<Flight, 'gates' | 'ahead'>, wire: Wire): void {
  const nonce = wire.send(lane, batch)
  lane.flight = { ...kind, batch, nonce, commit: wire.commit(), sentAtMs: wire.elapsedMs() }
}
