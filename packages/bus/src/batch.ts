// Cuts a round into commits: none has more messages or bytes than the server takes in one atomic batch, and records of
// one group stay together unless the group alone is too large.
import type { Edit } from './difference.ts'
import type { BusSettings } from './settings.ts'

/** Subject, headers and framing of one message, generously. */
const overheadBytes = 512

const sizeOf = (edit: Edit): number => overheadBytes + edit.subject.length + (edit.data?.length ?? 0)

function groups(edits: readonly Edit[]): Iterable<Edit[]> {
  const byGroup = new Map<string, Edit[]>()
  for (const edit of edits) {
    const group = byGroup.get(edit.group)
    if (group === undefined) byGroup.set(edit.group, [edit])
    else group.push(edit)
  }
  return byGroup.values()
}

/** At least one batch, which may be empty: a commit without records. `reservedBytes` is left for the commit record. */
export function batches(edits: readonly Edit[], settings: BusSettings, reservedBytes: number): readonly Edit[][] {
  if (edits.length <= 1) return [[...edits]]
  const maxRecords = settings.maxCommitMessages - 1
  const maxBytes = settings.maxCommitBytes - reservedBytes
  let batch: Edit[] = []
  let bytes = 0
  const all = [batch]
  const room = (records: number, size: number): boolean =>
    batch.length === 0 || (batch.length + records <= maxRecords && bytes + size <= maxBytes)
  const next = (): void => {
    batch = []
    bytes = 0
    all.push(batch)
  }
  for (const group of groups(edits)) {
    const size = group.reduce((sum, edit) => sum + sizeOf(edit), 0)
    if (!room(group.length, size)) next()
    for (const edit of group) {
      if (!room(1, sizeOf(edit))) next()
      batch.push(edit)
      bytes += sizeOf(edit)
    }
  }
  return all
}
