// What a folder says: the last good version of every object, and what is wrong in which file. Pure: no clock, no disk.
// Nothing is removed before its file is settled: unchanged for so long that nobody is still writing it.
import type { Resource } from '@penstock/gateway-api'
import { type Claims, createClaims, type Named } from './claims.ts'
import type { Identity } from './identity.ts'
import { type Entry, emptyManifest, isComplete, type Manifest, type Refusal, unclearEntry } from './manifest.ts'

/** A refusal with its file and the object meant, ready to be told. */
export interface FileRefusal extends Refusal {
  file: string
  identity: Pick<Identity, 'kind' | 'namespace' | 'name'> | undefined
}

export interface CatalogChange {
  /** Keys whose object may have changed. */
  keys: ReadonlySet<string>
  /** All that is wrong in the files that were read, or that others made wrong. */
  refused: readonly FileRefusal[]
  /** Files without any refusal now that had some before. */
  healed: readonly string[]
}

/** A file from which nothing is removed. */
export interface UnclearFile {
  file: string
  reason: string
  /** What it named before and not now. */
  missing: readonly string[]
  /** It never was clear in this life, so it may hold any object that no other file names. */
  blind: boolean
}

export interface Catalog {
  readonly objects: ReadonlyMap<string, Resource>
  /** Keys that files name, but whose document never was good in this life. */
  readonly held: ReadonlySet<string>
  /** Some file has not yet said which objects it holds, so one that nobody names may be in it. */
  readonly blind: boolean
  /** Files that were settled, but hold a document that may be any object. */
  unclear(): readonly UnclearFile[]
  /** Files with refusals. */
  readonly wrong: ReadonlySet<string>
  files(): Iterable<string>
  manifest(file: string): Manifest
  /** The entry that counts for the key, and its file. */
  first(key: string): Named | undefined
  read(file: string, manifest: Manifest): void
  vanish(file: string): void
  /** Whether the file has to be settled, and can be. */
  unsettled(file: string): boolean
  settle(file: string): void
  /** What all calls since the last one came to. */
  take(): CatalogChange
}

interface FileState {
  manifest: Manifest
  exists: boolean
  /** The first entry of each key. */
  named: ReadonlyMap<string, Entry>
  /** Named here before and not now. */
  missing: Set<string>
}

interface CatalogState {
  files: Map<string, FileState>
  claims: Claims
  /** Files that were not settled yet in this life. */
  untold: Set<string>
  unclear: Set<string>
  wrong: Set<string>
  touchedKeys: Set<string>
  touchedFiles: Set<string>
}

export function createCatalog(): Catalog {
  const state: CatalogState = {
    files: new Map(),
    claims: createClaims(),
    untold: new Set(),
    unclear: new Set(),
    wrong: new Set(),
    touchedKeys: new Set(),
    touchedFiles: new Set(),
  }
  return {
    objects: state.claims.objects,
    held: state.claims.held,
    get blind() {
      return state.untold.size > 0
    },
    unclear: () => [...state.unclear].sort().flatMap((file) => unclearFile(state, file)),
    wrong: state.wrong,
    files: () => state.files.keys(),
    first: (key) => state.claims.first(key),
    manifest: (file) => state.files.get(file)?.manifest ?? emptyManifest,
    read: (file, manifest) => put(state, file, manifest, true),
    vanish: (file) => {
      if (state.files.has(file)) put(state, file, emptyManifest, false)
    },
    unsettled: (file) => {
      const found = state.files.get(file)
      if (!found || !isComplete(found.manifest)) return false
      return found.missing.size > 0 || !found.exists || state.untold.has(file)
    },
    settle: (file) => settle(state, file),
    take: () => take(state),
  }
}

function put(state: CatalogState, file: string, manifest: Manifest, exists: boolean): void {
  const before = state.files.get(file)
  if (!before) state.untold.add(file)
  const named = firstByKey(manifest.entries)
  const missing = new Set<string>()
  for (const key of [...(before?.named.keys() ?? []), ...(before?.missing ?? [])]) {
    if (named.has(key)) continue
    missing.add(key)
    state.claims.claim(key, file, undefined)
    state.touchedKeys.add(key)
  }
  for (const [key, entry] of named) {
    state.claims.claim(key, file, entry)
    const unchanged = entry.object && entry.object === before?.named.get(key)?.object
    if (!unchanged) state.touchedKeys.add(key)
  }
  state.files.set(file, { manifest, exists, named, missing })
  if (isComplete(manifest)) state.unclear.delete(file)
  state.touchedFiles.add(file)
}

function settle(state: CatalogState, file: string): void {
  const found = state.files.get(file)
  if (!found) return
  if (!isComplete(found.manifest)) {
    state.unclear.add(file)
    return
  }
  for (const key of found.missing) {
    state.claims.drop(key, file)
    state.touchedKeys.add(key)
  }
  found.missing.clear()
  state.untold.delete(file)
  if (found.exists) return
  state.files.delete(file)
  state.touchedFiles.add(file)
}

function take(state: CatalogState): CatalogChange {
  for (const key of state.touchedKeys) {
    for (const file of state.claims.resolve(key)) state.touchedFiles.add(file)
  }
  const refused: FileRefusal[] = []
  const healed: string[] = []
  for (const file of [...state.touchedFiles].sort()) {
    const refusals = refusalsOf(state, file)
    refused.push(...refusals)
    if (refusals.length > 0) state.wrong.add(file)
    else if (state.wrong.delete(file) && state.files.get(file)?.exists) healed.push(file)
  }
  const change = { keys: state.touchedKeys, refused, healed }
  state.touchedKeys = new Set()
  state.touchedFiles = new Set()
  return change
}

function unclearFile(state: CatalogState, file: string): UnclearFile[] {
  const found = state.files.get(file)
  const entry = found && unclearEntry(found.manifest)
  if (!entry) return []
  const reason = entry.refusals[0]?.reason ?? ''
  return [{ file, reason, missing: [...found.missing], blind: state.untold.has(file) }]
}

function refusalsOf(state: CatalogState, file: string): FileRefusal[] {
  const entries = state.files.get(file)?.manifest.entries ?? []
  return entries.flatMap((entry) => {
    const { identity } = entry
    const own = entry.refusals.map((refusal) => ({ ...refusal, file, identity: identity ?? entry.stranger?.object }))
    const first = identity && state.claims.first(identity.key)
    if (!first || first.entry === entry) return own
    const object = `${identity.kind} ${identity.namespace}${identity.namespace === '' ? '' : '/'}${identity.name}`
    const reason = `${object} stands in ${first.file}:${first.entry.line} already, and the first counts`
    return [...own, { file, line: entry.line, path: '', reason, identity }]
  })
}

function firstByKey(entries: readonly Entry[]): Map<string, Entry> {
  const named = new Map<string, Entry>()
  for (const entry of entries) {
    if (entry.identity && !named.has(entry.identity.key)) named.set(entry.identity.key, entry)
  }
  return named
}
