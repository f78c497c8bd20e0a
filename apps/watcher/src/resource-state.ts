// What should be on the RESOURCE channel: every object that its provider knows, but a Secret, a ConfigMap or a
// ClusterTrustBundle only while some object names it, and a Secret sealed.
import type { PublishedRecord, PublishedState } from '@penstock/bus'
import { isOnlyForReferrers, parseObjectKey, type Resource, references, type Secret } from '@penstock/gateway-api'
import { createReferenceCount, type ReferenceCount } from './reference-count.ts'

export interface ResourceStateOptions {
  seal(secret: Secret): Resource
  /** Keys of which no good version is known: what an older life published of them stays. */
  held: HeldKeys
  /** The object as it is published, given what was published of it before. */
  versioned(now: Resource, before: Resource | undefined): Resource
}

/** Those that can be listed, and a test that may be true of more. */
export interface HeldKeys extends Iterable<string> {
  has(key: string): boolean
}

export interface ResourceState extends PublishedState<Resource> {
  /** Takes in an object, or its absence; returns the keys whose record may differ now. */
  set(key: string, object: Resource | undefined, changedAtMs: number): ReadonlySet<string>
  /** Whether some object names the one of this key. */
  named(key: string): boolean
  /** What an older life left on the bus: versions go on from there, and what nobody knows of stays for now. */
  resume(records: ReadonlyMap<string, Resource>, nowMs: number): void
  /** Keys that an older life left and nobody knows of. */
  unnamed(): readonly string[]
  /** What an older life left may go now, unless it is held. Returns those keys. */
  forget(nowMs: number): ReadonlySet<string>
}

interface Records {
  /** What the provider says now. */
  known: Map<string, Resource>
  /** What an older life published and this one has not. */
  left: Map<string, Resource>
  published: Map<string, PublishedRecord<Resource>>
  references: ReferenceCount
}

export function createResourceState(options: ResourceStateOptions): ResourceState {
  const records: Records = {
    known: new Map(),
    left: new Map(),
    published: new Map(),
    references: createReferenceCount(),
  }
  const { known, left, published } = records

  // Asked for with every key that is compared, so kept until something changes.
  let held: ReadonlySet<string> | undefined
  const refreshAll = (key: string, changedAtMs: number): ReadonlySet<string> => {
    held = undefined
    const standing = known.get(key) ?? left.get(key)
    const keys = records.references.set(key, standing ? references(standing) : []).add(key)
    for (const each of keys) refresh(records, each, { ...options, changedAtMs })
    return keys
  }
  const drop = (key: string): void => {
    if (!known.has(key) && !options.held.has(key)) left.delete(key)
  }

  return {
    inputs: [],
    get: (key) => published.get(key),
    keys: () => published.keys(),
    get held() {
      held ??= new Set([...options.held, ...[...left.keys()].filter((key) => !known.has(key))])
      return held
    },
    set(key, object, changedAtMs) {
      if (object) known.set(key, object)
      else known.delete(key)
      drop(key)
      return refreshAll(key, changedAtMs)
    },
    resume(found, nowMs) {
      held = undefined
      for (const key of left.keys()) if (!found.has(key)) left.delete(key)
      for (const [key, object] of found) {
        const record = published.get(key)
        if (record) published.set(key, { ...record, value: options.versioned(record.value, object) })
        else left.set(key, object)
        refreshAll(key, nowMs)
      }
    },
    named: (key) => records.references.has(key),
    unnamed: () => [...left.keys()].filter((key) => !known.has(key) && !options.held.has(key)),
    forget(nowMs) {
      const keys = new Set<string>()
      for (const key of [...left.keys()]) {
        drop(key)
        if (!left.has(key)) for (const each of refreshAll(key, nowMs)) keys.add(each)
      }
      return keys
    },
  }
}

function refresh(records: Records, key: string, options: ResourceStateOptions & { changedAtMs: number }): void {
  const { known, left, published } = records
  const found = known.get(key)
  if (!found || (isOnlyForReferrers(parseObjectKey(key)) && !records.references.has(key))) {
    published.delete(key)
    return
  }
  const object = found.kind === 'Secret' ? options.seal(found as Secret) : found
  const value = options.versioned(object, published.get(key)?.value ?? left.get(key))
  published.set(key, { value, headers: { 'changed-at': String(options.changedAtMs) } })
  left.delete(key)
}
