// The JSON merge patch (RFC 7386) that makes one plain object of another: what differs, lists whole, null for removed.
import { isDeepStrictEqual } from 'node:util'
import type { PlainObject } from './api-object.ts'

export function mergePatch(before: PlainObject, after: PlainObject): PlainObject {
  const patch: Record<string, unknown> = {}
  for (const name of Object.keys(before)) if (after[name] === undefined) patch[name] = null
  for (const [name, value] of Object.entries(after)) {
    const old = before[name]
    if (value === undefined || isDeepStrictEqual(old, value)) continue
    patch[name] = isPlain(old) && isPlain(value) ? mergePatch(old, value) : value
  }
  return patch
}

const isPlain = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
