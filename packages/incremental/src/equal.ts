// The one structural equality: an output that equals its last value is no change. Plain objects, arrays, bytes, bigint
// and primitives; anything else (a Map, a class instance) is compared by identity, and `freeze` refuses it in tests.

/** A property that is `undefined` counts as absent; numbers compare as by `Object.is`. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b)
  return isPlain(a) && isPlain(b) && equalObjects(a, b)
}

/** An object literal, from whichever realm, or one without a prototype. */
export function isPlain(value: object): value is Record<string, unknown> {
  if (Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Bytes are most of what a plane compares, and need no look at what they are. */
function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false
  return true
}

function equalArrays(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (!equal(a[i], b[i])) return false
  return true
}

function equalObjects(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  let surplus = 0
  for (const name of Object.keys(a)) {
    if (a[name] === undefined) continue
    surplus += 1
    if (!Object.hasOwn(b, name) || !equal(a[name], b[name])) return false
  }
  for (const name of Object.keys(b)) if (b[name] !== undefined) surplus -= 1
  return surplus === 0
}
