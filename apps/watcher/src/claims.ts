// Which files name an object, and which of them counts: the first in sorted order, were its document good or not. While
// that document is bad, the last good version stays; a file that only used to name the object keeps it until it settles.
import type { Resource } from '@penstock/gateway-api'
import type { Entry } from './manifest.ts'

export interface Claims {
  readonly objects: ReadonlyMap<string, Resource>
  /** Keys that files name, but whose document never was good in this life. */
  readonly held: ReadonlySet<string>
  /** `entry` undefined: the file named the key before, and may again. */
  claim(key: string, file: string, entry: Entry | undefined): void
  drop(key: string, file: string): void
  /** Decides anew; returns the files in which the key became, or ceased to be, one too many. */
  resolve(key: string): string[]
  /** The entry that counts, and its file. */
  first(key: string): Named | undefined
}

export interface Named {
  file: string
  entry: Entry
}

type Claimants = Map<string, Entry | undefined>

export function createClaims(): Claims {
  const claims = new Map<string, Claimants>()
  const objects = new Map<string, Resource>()
  const held = new Set<string>()
  const losers = new Map<string, readonly string[]>()
  return {
    objects,
    held,
    claim(key, file, entry) {
      const claimants = claims.get(key) ?? new Map()
      claims.set(key, claimants.set(file, entry))
    },
    drop(key, file) {
      const claimants = claims.get(key)
      claimants?.delete(file)
      if (claimants?.size === 0) claims.delete(key)
    },
    resolve(key) {
      const claimants = claims.get(key)
      const [first, ...others] = inOrder(claimants)
      if (!claimants) objects.delete(key)
      else if (first?.entry.object) objects.set(key, first.entry.object)
      if (claimants && !objects.has(key)) held.add(key)
      else held.delete(key)

      const before = losers.get(key) ?? []
      const now = others.map(({ file }) => file)
      if (now.length > 0) losers.set(key, now)
      else losers.delete(key)
      return [...before.filter((file) => !now.includes(file)), ...now.filter((file) => !before.includes(file))]
    },
    first: (key) => inOrder(claims.get(key))[0],
  }
}

function inOrder(claimants: Claimants | undefined): Named[] {
  if (!claimants) return []
  const named = [...claimants].flatMap(([file, entry]) => (entry ? [{ file, entry }] : []))
  return named.length < 2 ? named : named.sort((a, b) => (a.file < b.file ? -1 : 1))
}
