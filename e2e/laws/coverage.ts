// Which conditions the histories of the property tests bring about: a generator that reaches less proves less.
import { conditions } from '@penstock/gateway-api'
import type { History } from '@penstock/incremental/laws'
import type { Condition, Status } from '@penstock/ir'
import type { Fact } from '@penstock/translate/histories'
import { createSubject } from '@penstock/translate/subject'

/** By `<owner> <type> <status> <reason>`: in how many histories it occurs. */
export type Coverage = ReadonlyMap<string, number>

/** A history for each Gateway with a fleet of its own, and again with a fleet that all share. */
export function coverageOf(histories: readonly History<Fact>[]): Coverage {
  const counts = new Map<string, number>()
  for (const history of histories) {
    const seen = new Set([undefined, 'local'].flatMap((fleet) => [...said(history, fleet)]))
    for (const line of seen) counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return counts
}

function said(history: History<Fact>, fleet: string | undefined): Set<string> {
  const { translation, apply } = createSubject({ fleet, graph: { freeze: false, twice: false } })
  const seen = new Set<string>()
  for (const { new: status } of history.flatMap((changes) => apply(changes).deltas(translation.status))) {
    if (status) note(status, seen)
  }
  return seen
}

function note({ source, conditions: own, listeners, parents }: Status, seen: Set<string>): void {
  const add = (owner: string, list: readonly Condition[]): void => {
    for (const { type, status, reason } of list) seen.add(`${owner} ${type} ${status ? 'True' : 'False'} ${reason}`)
  }
  add(source?.kind ?? '', own)
  for (const listener of listeners) add('Listener', listener.conditions)
  const owner = source?.kind === 'BackendTLSPolicy' ? source.kind : 'RouteParent'
  for (const parent of parents) add(owner, parent.conditions)
}

/** What the table of conditions has for these owners and no history reaches. */
export function unreached(coverage: Coverage): readonly string[] {
  const owners = ['GatewayClass', 'Gateway', 'Listener', 'ListenerSet', 'RouteParent', 'BackendTLSPolicy'] as const
  return owners
    .flatMap((owner) =>
      Object.entries<Readonly<Record<string, readonly string[]>>>(conditions[owner]).flatMap(([type, byStatus]) =>
        ['True', 'False'].flatMap((status) =>
          (byStatus[status] ?? []).map((reason) => `${owner} ${type} ${status} ${reason}`),
        ),
      ),
    )
    .filter((line) => !coverage.has(line))
}
