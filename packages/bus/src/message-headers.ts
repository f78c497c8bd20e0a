// The headers that say what a message is, beside those of the record's writer.
import type { BusSettings } from './settings.ts'
import type { OutMessage, StreamMessage } from './stream-door.ts'

/** The subject's record was deleted. Also true of the marks that a server leaves where a message expired. */
export function isTombstone(message: StreamMessage): boolean {
  return message.headers[headerNames.operation] === 'delete' || message.headers['Nats-Marker-Reason'] !== undefined
}

export const headerNames = { operation: 'Penstock-Op', commit: 'Penstock-Commit' } as const

// Most records have none, and a full read has very many records.
const none: Readonly<Record<string, string>> = Object.freeze({})

/** The headers that the writer of the record gave it. */
export function recordHeaders(message: StreamMessage): Readonly<Record<string, string>> {
  let own: Record<string, string> | undefined
  for (const [name, value] of Object.entries(message.headers)) {
    if (name.startsWith('Nats-') || name.startsWith('Penstock-')) continue
    own ??= {}
    own[name] = value
  }
  return own ?? none
}

export const tombstone = (subject: string, settings: BusSettings): OutMessage => ({
  subject,
  data: new Uint8Array(0),
  headers: { [headerNames.operation]: 'delete' },
  ttlMs: settings.tombstoneMs,
})
