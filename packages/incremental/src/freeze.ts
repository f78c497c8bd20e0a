// For tests: makes a record immutable all the way down, and refuses what `equal` could not compare.
import { isPlain } from './equal.ts'

const done = new WeakSet<object>()

/** Freezes in place. Bytes cannot be frozen by the language and are left as they are. */
export function deepFreeze(value: unknown): void {
  if (typeof value === 'function') throw new TypeError('a record holds a function; only plain data has an equality')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || done.has(value)) return
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new TypeError(`a record holds a ${value.constructor.name}; only plain data has an equality`)
  }
  done.add(value)
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
}
