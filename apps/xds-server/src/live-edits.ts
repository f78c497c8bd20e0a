// Tells when an edit is in force everywhere: every connected proxy of the fleet acknowledged the commit that changed
// something of that object.
import { type Source, sourceKey } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'

export interface Edit {
  fleet: string
  commit: number
  /** When the oldest change of the commit was seen, ms since 1970; 0: unknown. */
  changedMs: number
  sources: readonly Source[]
}

export interface LiveEdits {
  /** Forgets the oldest beyond 1,000 of a fleet: nobody waits for those any more. */
  add(edit: Edit): void
  check(fleet: string, proxies: readonly ProxyState[]): void
  forget(fleet: string): void
}

const maxWaiting = 1_000

export function createLiveEdits(log: Logger): LiveEdits {
  const waiting = new Map<string, Edit[]>()
  return {
    add(edit) {
      const edits = waiting.get(edit.fleet) ?? []
      edits.push(edit)
      if (edits.length > maxWaiting) edits.shift()
      waiting.set(edit.fleet, edits)
    },
    check(fleet, proxies) {
      const edits = waiting.get(fleet)
      if (!edits || proxies.length === 0) return
      const acknowledged = Math.min(...proxies.map((proxy) => proxy.acknowledgedCommit))
      const atMs = Math.max(...proxies.map((proxy) => proxy.acknowledgedAtMs))
      const live = edits.filter((edit) => edit.commit <= acknowledged)
      if (live.length === 0) return
      waiting.set(
        fleet,
        edits.filter((edit) => edit.commit > acknowledged),
      )
      for (const edit of live) tell(log, edit, { atMs, proxies: proxies.length })
    },
    forget: (fleet) => void waiting.delete(fleet),
  }
}

function tell(log: Logger, { fleet, commit, changedMs, sources }: Edit, now: { atMs: number; proxies: number }): void {
  const distinct = new Map(sources.map((source) => [sourceKey(source), source]))
  const ms = changedMs === 0 ? undefined : Math.max(0, now.atMs - changedMs)
  for (const { kind, namespace, name } of distinct.values()) {
    log.info('live', { kind, namespace, name, ms, fleet, commit, proxies: now.proxies })
  }
}
