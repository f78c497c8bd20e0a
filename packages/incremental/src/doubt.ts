// Unknown is not empty. A function that throws has a last good output to stand in for it, but not in a graph that has just
// started: what is missing then may be missing for that reason alone. Whoever reads such a gap is held too, whoever
// publishes asks `inDoubt` before it sweeps. Where two sources yield one key, doubt about the one does not reach a value
// of the other.
import type { Step } from './step.ts'

/** Keys of one step whose function threw and never had a good output. */
export interface ColdKeys {
  readonly keys: ReadonlySet<string>
  /** How often they changed. */
  readonly changes: number
  /** How often one of them came to an end. */
  readonly closed: number
}

/** What a collection or an index lacks. */
export interface Doubt {
  /** Whether what is missing under this key may be missing only because a function threw. */
  covers(key: string): boolean
  /** Keys whose function threw, of this collection or of one that it is made from. */
  origins(): Iterable<string>
  /** Changes with the origins. */
  version(): number
}

export const noDoubt: Doubt = { covers: () => false, origins: () => [], version: () => 0 }

/**
 * Narrows a doubt: what is made from `origin`, a key of some collection below, can stand only under keys of the same mark,
 * and nowhere without one.
 */
export interface Marks {
  ofOrigin(origin: string): string | undefined
  ofKey(key: string): string | undefined
}

/** Whatever threw may have made anything. */
const anywhere: Marks = { ofOrigin: () => '', ofKey: () => '' }

/** For a collection with the keys of its source. */
export const sameKeys = (source: Doubt, cold: ColdKeys): Doubt => ({
  covers: (key) => cold.keys.has(key) || source.covers(key),
  origins: () => [...cold.keys, ...source.origins()],
  version: () => cold.changes + source.version(),
})

/** For one with keys of its own. */
export function otherKeys(source: Doubt, cold: ColdKeys, marks: Marks = anywhere): Doubt {
  const { origins, version } = sameKeys(source, cold)
  let known = { version: 0, marks: new Set<string>() }
  return {
    origins,
    version,
    covers(key) {
      const now = version()
      if (now !== known.version) {
        const found = [...origins()].map((origin) => marks.ofOrigin(origin)).filter((mark) => mark !== undefined)
        known = { version: now, marks: new Set(found) }
      }
      const mark = known.marks.size === 0 ? undefined : marks.ofKey(key)
      return mark !== undefined && known.marks.has(mark)
    },
  }
}

/** The cause of the error with which a reader of a gap is held. */
const gap: unique symbol = Symbol('gap')

/** Refuses to answer "nothing" where nothing is known. */
export function refuseGap(doubt: Doubt, of: string, key: string): void {
  if (doubt.covers(key)) throw new Error(`${of} at ${key} is not known: what it is made from is held`, { cause: gap })
}

/** The same for a whole collection. */
export function refuseGaps(doubt: Doubt, of: string): void {
  for (const key of doubt.origins()) throw new Error(`${of} is not known as a whole: ${key} is held`, { cause: gap })
}

/** Whether a key is held only since it reads a gap: the bug is elsewhere. */
export const waitsForGap = (error: Error): boolean => error.cause === gap

/** Whoever was held for a gap above `height` runs again, since a gap has closed. */
export function wakeHeldForGaps(steps: readonly Step[], height: number): void {
  for (const step of steps) {
    if (step.height <= height) continue
    for (const [key, error] of step.held) if (waitsForGap(error)) step.dirty.add(key)
  }
}
