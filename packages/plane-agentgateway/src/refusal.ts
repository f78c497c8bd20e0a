// What a proxy says of a response that it did not take as a whole: which resources, and why. It took all others.

interface Complaint {
  readonly key?: unknown
  readonly error?: unknown
  readonly warn?: unknown
}

/** By name. Undefined: it does not say which, so the response was not read at all. */
export function readRefusal(message: string): ReadonlyMap<string, string> | undefined {
  const complaints = parse(message)
  if (!Array.isArray(complaints)) return undefined
  const named = new Map<string, string>()
  for (const complaint of complaints as readonly unknown[]) {
    if (typeof complaint !== 'object' || complaint === null) return undefined
    const { key, error, warn } = complaint as Complaint
    if (typeof key !== 'string') return undefined
    // With an error it does without the resource; with a warning it goes on with what it could make of it.
    const words = typeof error === 'string' ? error : `taken in part: ${String(warn)}`
    const before = named.get(key)
    named.set(key, before === undefined ? words : `${before}; ${words}`)
  }
  return named
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
