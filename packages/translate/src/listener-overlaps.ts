// HTTPS listeners of one port whose hostnames overlap (Gateway API: ListenerConditionOverlappingTLSConfig), whether they
// stand in the Gateway or in its ListenerSets. They are looked up by hostname: a listener reads those that it overlaps with,
// not all of the port.
import { wildcardsOver } from '@penstock/gateway-api'
import type { Index, Read } from '@penstock/incremental'
import type { Condition } from '@penstock/ir'
import { type ListenerClaim, nameOfListener } from './listener.ts'
import { placeAt, placeOf, portOf } from './listener-conflicts.ts'
import type { ListenerState } from './listener-state.ts'

export interface OverlapSources {
  readonly claimsByPlace: Index<ListenerClaim>
  readonly claimsUnder: Index<ListenerClaim>
}

/** The less specific places that its hostname falls under. */
export function placesOver(claim: ListenerClaim): readonly string[] {
  if (claim.protocol !== 'https') return []
  return wildcardsOver(claim.hostname).flatMap((hostname) => placeAt(claim, hostname))
}

/** Only ever True. */
export function overlapping({ claim, conflict }: ListenerState, read: Read, from: OverlapSources): Condition[] {
  if (claim.protocol !== 'https' || conflict !== undefined || portOf(claim).length === 0) return []
  const over = placesOver(claim).flatMap((place) => read.lookup(from.claimsByPlace, place).slice(0, 1))
  const under = placeOf(claim).reduce((sum, place) => sum + read.count(from.claimsUnder, place), 0)
  if (over.length + under === 0) return []
  const others = [
    ...over.map(({ value }) => nameOfListener(value)),
    ...(under === 0 ? [] : [under === 1 ? 'a more specific listener' : `${under} more specific listeners`]),
  ]
  const message = `${nameOfListener(claim)} shares hostnames with ${others.join(', ')} on port ${claim.port}: a client that reuses its connection may be answered under the other's TLS settings.`
  return [{ type: 'OverlappingTLSConfig', status: true, reason: 'OverlappingHostnames', message }]
}
