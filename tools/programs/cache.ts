// Where built programs and unpacked packages stay: outside the checkout, so that a fresh clone finds them. An entry is
// a folder named for its content, which appears whole or not at all.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../bootstrap/lock.mjs'

const unusedDays = 30

/** $PENSTOCK_CACHE, else `penstock` in the user's cache folder. */
export function cacheFolder(): string {
  const { PENSTOCK_CACHE, XDG_CACHE_HOME } = process.env
  return PENSTOCK_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'penstock')
}

/** The entry's folder if it is there; it counts as used. */
export function findEntry(kind: string, stamp: string): string | undefined {
  const folder = join(cacheFolder(), kind, stamp)
  if (!existsSync(folder)) return undefined
  const now = new Date()
  utimesSync(folder, now, now)
  return folder
}

/** Has `fill` fill an empty folder, makes that the entry, and removes entries of its kind that nobody used for long. */
export async function addEntry(kind: string, stamp: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const parent = join(cacheFolder(), kind)
  const folder = join(parent, stamp)
  const half = `${folder}.${process.pid}`
  removeStale(parent)
  mkdirSync(half, { recursive: true })
  try {
    await fill(half)
    rmSync(folder, { recursive: true, force: true })
    renameSync(half, folder)
  } finally {
    rmSync(half, { recursive: true, force: true })
  }
  return folder
}

/** Entries long unused, and halves whose makers were killed. */
function removeStale(parent: string): void {
  if (!existsSync(parent)) return
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    const maker = /\.(\d+)$/.exec(name)?.[1]
    const unused = Date.now() - statSync(path).mtimeMs > unusedDays * 86_400_000
    if (maker ? !isAlive(Number(maker)) : unused) rmSync(path, { recursive: true, force: true })
  }
}
