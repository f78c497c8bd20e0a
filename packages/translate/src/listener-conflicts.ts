// Which listeners are not distinct (Gateway API: GatewaySpec.listeners, "Distinct Listeners"): HTTP and HTTPS by port and
// hostname, and not both on one port. Within a Gateway all of them lose. A Gateway keeps what it has against its
// ListenerSets, the older of these against the younger, and within one the earlier entry against the later
// (ListenerSetSpec.listeners); and so does the older of Gateways that share a fleet.
import { type Collection, type Entry, equal, type Index, type Read } from '@penstock/incremental'
import type { ListenerCase } from '@penstock/ir'
import { type Conflict, type ListenerClaim, nameOfListener } from './listener.ts'

/** The listeners of one Gateway, each with what it has against its neighbours. */
export function withConflicts(claims: readonly ListenerClaim[]): readonly ListenerClaim[] {
  // A protocol that we do not serve takes part in nothing: that is what the specification says of TCP.
  const served = claims.filter(({ protocol }) => protocol !== undefined)
  return claims.map((claim) => {
    if (claim.protocol === undefined) return claim
    const onPort = served.filter((other) => other !== claim && other.port === claim.port)
    const found = conflictWithin(claim, onPort)
    return found ? { ...claim, conflict: found } : claim
  })
}

/** All that are not distinct lose: none is the winner. */
function conflictWithin(claim: ListenerClaim, onPort: readonly ListenerClaim[]): Conflict | undefined {
  const ofProtocol = onPort.filter(({ protocol }) => protocol !== claim.protocol)
  const ofHostname = onPort.filter(({ hostname }) => hostname === claim.hostname)
  const rivals = ofProtocol.length > 0 ? ofProtocol : ofHostname
  const [rival] = rivals
  if (rival === undefined) return undefined
  return conflict(claim, rival, `the same Gateway's ${rivals.map(({ section }) => section).join(', ')}`)
}

/** The listener that came first on a port decides its protocol. */
export type PortOwner = Pick<ListenerClaim, 'owner' | 'section' | 'protocol'>

export function portOwner(claims: readonly Entry<ListenerClaim>[]): PortOwner | undefined {
  const oldest = first(claims)
  if (oldest === undefined) return undefined
  const { owner, section, protocol } = oldest
  return { owner, section, ...(protocol ? { protocol } : {}) }
}

/** Where a claim competes with those of other owners; nowhere if it cannot serve whoever else there is. */
export function portOf(claim: ListenerClaim): readonly string[] {
  const { gatewayAccepted, problems, conflict: within } = claim
  return gatewayAccepted && problems.length === 0 && within === undefined ? [`${claim.fleet}/${claim.port}`] : []
}

/** Where a protocol that we do not serve is told that another has the port. Among those of its owner it takes part in nothing. */
const unservedPortOf = ({ fleet, port, isTcp }: ListenerClaim): readonly string[] => (isTcp ? [`${fleet}/${port}`] : [])

export const placeOf = (claim: ListenerClaim): readonly string[] => placeAt(claim, claim.hostname)

/** Where it would be with another hostname. */
export const placeAt = (claim: ListenerClaim, hostname: string): readonly string[] =>
  portOf(claim).map((port) => `${port}/${claim.protocol}/${hostname}`)

export interface Rivals {
  readonly claimsByPlace: Index<ListenerClaim>
  readonly portProtocols: Collection<ListenerCase>
  readonly portOwners: Collection<PortOwner>
}

/** The conflict of a claim, among those of its Gateway or with one that comes first. */
export function conflictOf(claim: ListenerClaim, read: Read, from: Rivals): Conflict | undefined {
  if (claim.conflict !== undefined) return claim.conflict
  for (const port of claim.protocol === undefined ? unservedPortOf(claim) : portOf(claim)) {
    if (read.get(from.portProtocols, port) === claim.protocol) continue
    const holder = read.get(from.portOwners, port)
    if (holder !== undefined && (claim.protocol !== undefined || !equal(holder.owner, claim.owner))) {
      return conflict(claim, holder, `${nameOfListener(holder)}, which comes first`)
    }
  }
  for (const place of placeOf(claim)) {
    const winner = first(read.lookup(from.claimsByPlace, place))
    if (winner !== undefined && winner.precedence !== claim.precedence) {
      return conflict(claim, winner, `${nameOfListener(winner)}, which comes first`)
    }
  }
  return undefined
}

function first(claims: readonly Entry<ListenerClaim>[]): ListenerClaim | undefined {
  return claims.reduce<ListenerClaim | undefined>(
    (oldest, { value }) => (oldest !== undefined && oldest.precedence <= value.precedence ? oldest : value),
    undefined,
  )
}

function conflict(claim: ListenerClaim, rival: PortOwner, others: string): Conflict {
  const subject = `${nameOfListener(claim)} claims port ${claim.port}`
  if (rival.protocol !== claim.protocol) {
    return { reason: 'ProtocolConflict', message: `${subject} for another protocol than ${others}.` }
  }
  const host = claim.hostname === '' ? 'every hostname' : `the hostname ${claim.hostname}`
  return { reason: 'HostnameConflict', message: `${subject} and ${host}, and so does ${others}.` }
}
