// How proxies are sent to another server: each by itself, so that two hundred do not arrive there at one time. First the
// connection is told that it gets no new stream (GOAWAY); when the stream ends later, with UNAVAILABLE, the proxy opens
// the next one on a connection of its choice.
import { setTimeout as delay } from 'node:timers/promises'

/** Of a stream's age at its end: each has its own. */
const ageSpread = 0.2

/** GOAWAY leaves at this part of the age, give or take the tenth that gRPC adds: before any stream ends. */
const toldAtShare = 0.7

/** Longer than any stream has left then. */
const destroyedAfterShare = 1.5

/** From one stream's end to the next when there are few. */
const stepMs = 50

export const streamAgeMs = (ageMs: number, random = Math.random): number =>
  ageMs * (1 - ageSpread + 2 * ageSpread * random())

/** What makes gRPC tell of a connection's age; what is still open long after that is destroyed. */
export const ageOptions = (ageMs: number): Record<string, number> =>
  ageMs === 0
    ? {}
    : {
        'grpc.max_connection_age_ms': Math.ceil(ageMs * toldAtShare),
        'grpc.max_connection_age_grace_ms': Math.ceil(ageMs * destroyedAfterShare),
      }

/** Does one after the other, evenly within `withinMs`; few take less. */
export async function oneByOne(acts: readonly (() => void)[], withinMs: number): Promise<void> {
  const betweenMs = Math.min(stepMs, withinMs / acts.length)
  await Promise.all(acts.map((act, position) => delay(position * betweenMs).then(act)))
}
