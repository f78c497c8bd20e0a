// What happened last to the connection, the lease and in general, so that it can be asked for afterwards: it stands
// between the bus and its events, and passes all of them on.
import type { Fault } from '@penstock/fault'
import type { Clock } from './clock.ts'
import type { BusEvents } from './events.ts'

export interface Journal {
  readonly connection: Readonly<Record<string, unknown>>
  readonly leadership: Readonly<Record<string, unknown>>
  readonly lastFault?: Readonly<Record<string, unknown>>
}

/** For a person: RFC 3339; undefined for 0, which is never. */
export const moment = (ms: number): string | undefined => (ms === 0 ? undefined : new Date(ms).toISOString())

export function keepJournal(events: BusEvents, clock: Clock): { events: BusEvents; journal: Journal } {
  const at = (): string | undefined => moment(clock.nowMs())
  const journal: { -readonly [Name in keyof Journal]: Journal[Name] } = { connection: {}, leadership: {} }
  const note = (fault: Fault, fields: Readonly<Record<string, unknown>> = {}): void => {
    journal.lastFault = { code: fault.code, reason: fault.message, ...fields, at: at() }
  }
  return {
    journal,
    events: {
      ...events,
      connected(server, version) {
        journal.connection = { server, version, since: at() }
        events.connected(server, version)
      },
      disconnected(reason) {
        journal.connection = { reason, since: at() }
        events.disconnected(reason)
      },
      leading(term) {
        journal.leadership = { since: at() }
        events.leading(term)
      },
      following(term, reason) {
        journal.leadership = { since: at(), lastTerm: term, reason }
        events.following(term, reason)
      },
      fault(fault, fields) {
        note(fault, fields)
        events.fault(fault, fields)
      },
      faultAgain(fault, fields) {
        note(fault, fields)
        events.faultAgain(fault, fields)
      },
    },
  }
}
