// What we keep of the objects of one kind, and what changed in it. Objects are told apart by uid, so one that was
// deleted and made again under its name is a removal and an addition.
import { isDeepStrictEqual } from 'node:util'
import { type KindInfo, objectKey } from '@penstock/gateway-api'
import type { ApiObject } from './api-object.ts'

export interface ObjectChange<V> {
  /** As `resourceKey` makes it. */
  readonly key: string
  /** Undefined: no longer there. */
  readonly value: V | undefined
}

interface Kept<V> {
  readonly uid: string
  readonly resourceVersion: string
  /** Undefined: nothing of it is wanted now. */
  readonly value: V | undefined
}

export interface Mirror<V> {
  get(key: string): V | undefined
  entries(): Iterable<readonly [key: string, value: V]>
  readonly size: number
  put(object: ApiObject): ObjectChange<V>[]
  remove(object: ApiObject): ObjectChange<V>[]
  /** Transforms the object anew if it is the version that is kept. */
  again(object: ApiObject): ObjectChange<V>[]
  /** Collects a whole list, apart from what is kept until it is whole. */
  begin(): Staging<V>
}

export interface Staging<V> {
  add(object: ApiObject): void
  /** The list is whole: it takes the place of what was kept. */
  finish(): ObjectChange<V>[]
}

export interface MirrorOptions<V> {
  readonly kind: KindInfo
  readonly transform: (object: ApiObject) => V | undefined
}

export function createMirror<V>(options: MirrorOptions<V>): Mirror<V> {
  return new KindMirror(options)
}

class KindMirror<V> implements Mirror<V> {
  readonly #options: MirrorOptions<V>
  #kept = new Map<string, Kept<V>>()
  /** Of the list that is being collected, if one is. */
  #next = new Map<string, Kept<V>>()

  constructor(options: MirrorOptions<V>) {
    this.#options = options
  }

  get(key: string): V | undefined {
    return this.#kept.get(key)?.value
  }

  *entries(): Generator<readonly [string, V]> {
    for (const [key, { value }] of this.#kept) if (value !== undefined) yield [key, value]
  }

  get size(): number {
    return this.#kept.size
  }

  put(object: ApiObject): ObjectChange<V>[] {
    const key = this.#keyOf(object)
    const before = this.#kept.get(key)
    const after = this.#read(key, object)
    this.#kept.set(key, after)
    return differences(key, before, after)
  }

  remove(object: ApiObject): ObjectChange<V>[] {
    const key = this.#keyOf(object)
    const before = this.#kept.get(key)
    this.#kept.delete(key)
    return differences(key, before, undefined)
  }

  again(object: ApiObject): ObjectChange<V>[] {
    const key = this.#keyOf(object)
    // Any other version is the watch's to tell of, or it did already.
    if (isVersion(this.#next.get(key), object)) this.#next.set(key, this.#read(key, object))
    return isVersion(this.#kept.get(key), object) ? this.put(object) : []
  }

  begin(): Staging<V> {
    const next = new Map<string, Kept<V>>()
    this.#next = next
    return {
      add: (object) => {
        const key = this.#keyOf(object)
        next.set(key, this.#read(key, object))
      },
      finish: () => {
        const before = this.#kept
        this.#kept = next
        this.#next = new Map()
        return replaced(before, next)
      },
    }
  }

  /** An equal value stays the same one, so that a second list of the same needs no second memory. */
  #read(key: string, object: ApiObject): Kept<V> {
    const { uid, resourceVersion } = object.metadata
    const before = this.#kept.get(key)
    const value = this.#options.transform(object)
    return { uid, resourceVersion, value: isDeepStrictEqual(before?.value, value) ? before?.value : value }
  }

  #keyOf({ metadata: { namespace = '', name } }: ApiObject): string {
    const { group, kind } = this.#options.kind
    return objectKey({ group, kind, namespace, name })
  }
}

function isVersion(kept: Kept<unknown> | undefined, { metadata }: ApiObject): boolean {
  return kept?.uid === metadata.uid && kept.resourceVersion === metadata.resourceVersion
}

function replaced<V>(before: ReadonlyMap<string, Kept<V>>, after: ReadonlyMap<string, Kept<V>>): ObjectChange<V>[] {
  const changes: ObjectChange<V>[] = []
  for (const [key, old] of before) if (!after.has(key)) changes.push(...differences(key, old, undefined))
  for (const [key, value] of after) changes.push(...differences(key, before.get(key), value))
  return changes
}

function differences<V>(key: string, before: Kept<V> | undefined, after: Kept<V> | undefined): ObjectChange<V>[] {
  const told = before?.value !== undefined
  if (told && after && before.uid !== after.uid) {
    const removal = { key, value: undefined }
    return after.value === undefined ? [removal] : [removal, { key, value: after.value }]
  }
  return before?.value === after?.value ? [] : [{ key, value: after?.value }]
}
