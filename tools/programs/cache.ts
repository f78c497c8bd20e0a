// Where built programs and unpacked packages stay: outside the checkout, so that a fresh clone finds them. An entry is
// a folder named for its content, which appears whole or not at all.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../bootstrap/lock.mjs'

const unusedMs = 30 * 86_400_000
/** An entry used within it may be in use. */
const usedMs = 3_600_000

/** $PENSTOCK_CACHE, else `penstock` in the user's cache folder. */
export function cacheFolder(): string {
  const { PENSTOCK_CACHE, XDG_CACHE_HOME } = process.env
  return PENSTOCK_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'penstock')
}

/** The entry's folder if it is there; it counts as used. */
export function findEntry(kind: string, stamp: string): string | undefined {
  const folder = join(cacheFolder(), kind, stamp)
  if (!existsSync(folder)) return undefined
  touch(folder)
  return folder
}

function touch(folder: string): void {
  const now = new Date()
  utimesSync(folder, now, now)
}

export interface Entry {
  readonly kind: string
  readonly stamp: string
  /** How many of its kind stay, the last used ones, also when all were used lately. Default: any number. */
  readonly keep?: number
}

/** Has `fill` fill an empty folder, makes that the entry, and removes entries of its kind that nobody used for long. */
export async function addEntry(entry: Entry, fill: (folder: string) => Promise<void>): Promise<string> {
  const parent = join(cacheFolder(), entry.kind)
  const folder = join(parent, entry.stamp)
  const half = `${folder}.${process.pid}`
  removeStale(parent, entry.keep ?? Infinity)
  mkdirSync(half, { recursive: true })
  try {
    await fill(half)
    // What was unpacked has the date of its archive; the entry is of now.
    touch(half)
    rmSync(folder, { recursive: true, force: true })
    renameSync(half, folder)
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
  return folder
}

/** Entries long unused, those beyond the number that stays, and halves whose makers were killed. */
function removeStale(parent: string, keep: number): void {
  if (!existsSync(parent)) return
  const all = readdirSync(parent).map((name) => {
    const path = join(parent, name)
    return { path, maker: /\.(\d+)$/.exec(name)?.[1], idleMs: Date.now() - statSync(path).mtimeMs }
  })
  const whole = all.filter(({ maker }) => maker === undefined).sort((one, other) => one.idleMs - other.idleMs)
  const stale = whole.filter(({ idleMs }, place) => idleMs > unusedMs || (place >= keep && idleMs > usedMs))
  const abandoned = all.filter(({ maker }) => maker !== undefined && !isAlive(Number(maker)))
  for (const { path } of [...stale, ...abandoned]) rmSync(path, { recursive: true, force: true })
}
