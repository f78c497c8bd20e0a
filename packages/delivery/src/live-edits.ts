// Tells when an edit is in force everywhere: every connected proxy of the fleet acknowledged the commit that changed
// something of that object, and refuses nothing of it. A refusal answers a commit too, so what is refused waits on.
import { type FleetChange, type Source, sourceKey } from '@penstock/ir'
import type { Logger } from '@penstock/telemetry'
import type { ProxyState } from '@penstock/xds'

export interface Edit {
  fleet: string
  commit: number
  /** When the oldest change of the commit was seen, ms since 1970; 0: unknown. */
  changedMs: number
  changes: readonly EditChange[]
  /** Keys of the objects that nothing is left of. */
  gone: ReadonlySet<string>
}

type EditChange = Pick<FleetChange, 'typeUrl' | 'name' | 'sources'>

export interface LiveEdits {
  /** Forgets the oldest beyond 1,000 of a fleet: nobody waits for those any more. */
  add(edit: Edit): void
  check(fleet: string, proxies: readonly ProxyState[]): void
  forget(fleet: string): void
}

/** `refused`: some proxy refuses these changes; the rest of the edit is told. */
interface Waiting extends Edit {
  readonly refused?: true
}

/**
 * The resource that another hangs on: a proxy has no use for the one while it refuses the other, and may not even ask for
 * it. Undefined: it stands for itself.
 */
export type BasisOf = (resource: ResourceName) => ResourceName | undefined

export type ResourceName = Pick<FleetChange, 'typeUrl' | 'name'>

const maxWaiting = 1_000

export function createLiveEdits(log: Logger, basisOf: BasisOf = () => undefined): LiveEdits {
  const waiting = new Map<string, readonly Waiting[]>()
  return {
    add(edit) {
      // What is refused can be healed by this commit at the earliest, once that is answered.
      const before = (waiting.get(edit.fleet) ?? []).map((one) => (one.refused ? { ...one, commit: edit.commit } : one))
      waiting.set(edit.fleet, [...before, edit].slice(-maxWaiting))
    },
    check(fleet, proxies) {
      const edits = waiting.get(fleet) ?? []
      if (edits.length === 0 || proxies.length === 0) return
      const acknowledged = Math.min(...proxies.map((proxy) => proxy.acknowledgedCommit))
      const atMs = Math.max(...proxies.map((proxy) => proxy.acknowledgedAtMs))
      const answered = edits.filter((edit) => edit.commit <= acknowledged)
      if (answered.length === 0) return
      const refused = refusedObjects(answered, proxies, basisOf)
      for (const [position, edit] of answered.entries()) {
        // An object that was refused and edited again is told once.
        const later = edit.refused ? objectsOf(answered.slice(position + 1)) : new Map<string, Source>()
        const objects = [...objectsOf([edit])].filter(([key]) => !refused.has(key) && !later.has(key))
        for (const [key, source] of objects) tell(log, edit, { key, source, atMs, proxies: proxies.length })
      }
      const left = answered.flatMap((edit) => refusedPart(edit, refused))
      waiting.set(fleet, [...left, ...edits.filter((edit) => edit.commit > acknowledged)])
    },
    forget: (fleet) => void waiting.delete(fleet),
  }
}

function objectsOf(edits: readonly Edit[]): Map<string, Source> {
  const all = edits.flatMap(({ changes }) => changes.flatMap(({ sources }) => sources))
  return new Map(all.map((source) => [sourceKey(source), source]))
}

/** Keys of the objects behind what some proxy refuses, and behind what hangs on that. */
function refusedObjects(edits: readonly Edit[], proxies: readonly ProxyState[], basisOf: BasisOf): ReadonlySet<string> {
  const rejections = proxies.flatMap((proxy) => proxy.rejections)
  const names = new Set(rejections.flatMap(({ typeUrl, resources }) => resources.map((name) => `${typeUrl} ${name}`)))
  if (names.size === 0) return names
  const refuses = ({ typeUrl, name }: ResourceName): boolean => names.has(`${typeUrl} ${name}`)
  const isRefused = (change: EditChange): boolean => {
    const basis = basisOf(change)
    return refuses(change) || (basis !== undefined && refuses(basis))
  }
  const changes = edits.flatMap((edit) => edit.changes.filter(isRefused))
  return new Set(changes.flatMap(({ sources }) => sources.map(sourceKey)))
}

function refusedPart(edit: Waiting, refused: ReadonlySet<string>): Waiting[] {
  if (refused.size === 0) return []
  const changes = edit.changes.flatMap((change) => {
    const sources = change.sources.filter((source) => refused.has(sourceKey(source)))
    return sources.length === 0 ? [] : [{ ...change, sources }]
  })
  return changes.length === 0 ? [] : [{ ...edit, changes, refused: true }]
}

interface Told {
  key: string
  source: Source
  atMs: number
  proxies: number
}

function tell(log: Logger, { fleet, commit, changedMs, gone }: Edit, { key, source, atMs, proxies }: Told): void {
  const { kind, namespace, name } = source
  const ms = changedMs === 0 ? undefined : Math.max(0, atMs - changedMs)
  log.info(gone.has(key) ? 'gone' : 'live', { kind, namespace, name, ms, fleet, commit, proxies })
}
