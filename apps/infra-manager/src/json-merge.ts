// RFC 7386: objects are merged, null removes, all else replaces, lists included.
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

/** Of a field of INFRA that holds JSON; empty: nothing. */
export function objectOf(text: string): PlainObject {
  return text === '' ? {} : (JSON.parse(text) as PlainObject)
}
