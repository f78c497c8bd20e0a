// RFC 7386: objects are merged, null removes, all else replaces, lists included.
import { Fault } from '@penstock/fault'
import type { PlainObject } from '@penstock/kube'

export function mergeJson(target: unknown, patch: PlainObject): PlainObject {
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = isObject(value) ? mergeJson(merged[name], value) : value
  }
  return merged
}

export const isObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Of a field of INFRA that holds JSON; empty: nothing. Throws a fault where it holds anything else. */
export function objectOf(text: string): PlainObject {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {}
  throw new Fault('record_unreadable', `no JSON of an object: ${text.slice(0, 100)}`)
}
