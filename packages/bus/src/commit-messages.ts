// A commit as messages. The commit record travels last, on a subject of its own; but a commit of one written record is
// one message with the commit record in its header: just as atomic, and ten times faster than a batch (ADR 0002).
import { Commit } from '@penstock/ir'
import type { Edit } from './difference.ts'
import { headerNames, tombstone } from './message-headers.ts'
import type { BusSettings } from './settings.ts'
import type { OutMessage } from './stream-door.ts'
import type { SubjectSpace } from './subject-space.ts'

export interface CommitMessagesContext {
  readonly subjects: SubjectSpace
  readonly settings: BusSettings
}

export function commitMessages(
  edits: readonly Edit[],
  commit: Commit,
  { subjects, settings }: CommitMessagesContext,
): readonly OutMessage[] {
  const record = Commit.encode(commit).finish()
  const messages = edits.map((edit) => messageOf(edit, settings))
  const [only] = messages
  // A tombstone cannot carry it: it goes away.
  const inline = messages.length === 1 && only?.ttlMs === undefined && record.length <= settings.maxInlineCommitBytes
  if (only === undefined || !inline) return [...messages, { subject: subjects.commit, data: record }]
  const header = { [headerNames.commit]: Buffer.from(record).toString('base64') }
  return [{ ...only, headers: { ...only.headers, ...header } }]
}

function messageOf({ subject, data, headers }: Edit, settings: BusSettings): OutMessage {
  if (data === undefined) return tombstone(subject, settings)
  return { subject, data, ...(headers && { headers }) }
}
