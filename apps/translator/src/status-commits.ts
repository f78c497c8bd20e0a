// Each status with the IR commit that covers its last change: proxies must acknowledge that one before the object is
// programmed. Until the IR of its newest change is out a status says what it said before; with a commit that is too old it
// would seem programmed, and a change of the commit alone is never published.
import type { PublishedRecord } from '@penstock/bus'
import type { Delta } from '@penstock/incremental'
import type { Status } from '@penstock/ir'

export interface StatusCommits {
  /** What may be published under this key, of which `current` is the newest. */
  record(key: string, current: Status | undefined): PublishedRecord<Status> | undefined
  /** These wait for their IR; the answer is called with the commit that covers them. */
  changed(deltas: readonly Delta<Status>[]): (commit: number) => void
  /** A new term: the commit that it begins with covers everything. */
  reset(): void
}

interface Waiting {
  /** How many of its changes are not covered yet. */
  readonly changes: number
  /** What it was before them. */
  readonly said: Status | undefined
}

/** `lastCommit`: covers each status that did not change in this term. */
export function createStatusCommits(lastCommit: () => number): StatusCommits {
  const commits = new Map<string, number>()
  /** What an older term still waits for is in another map. */
  let waiting = new Map<string, Waiting>()
  return {
    record(key, current) {
      const before = waiting.get(key)
      const value = before ? before.said : current
      return value && { value, headers: { 'ir-commit': String(commits.get(key) ?? lastCommit()) } }
    },
    changed(deltas) {
      const ours = waiting
      for (const { key, old } of deltas) {
        const before = ours.get(key)
        ours.set(key, before ? { ...before, changes: before.changes + 1 } : { changes: 1, said: old })
      }
      return (commit) => {
        for (const { key, new: now } of deltas) {
          const changes = (ours.get(key)?.changes ?? 0) - 1
          if (changes > 0) ours.set(key, { changes, said: now })
          else ours.delete(key)
          if (now) commits.set(key, commit)
          else commits.delete(key)
        }
      }
    },
    reset() {
      commits.clear()
      waiting = new Map()
    },
  }
}
