// One look at a whole folder: which manifests are there and whether they changed, without reading them. Follows
// symbolic links, since a mounted ConfigMap is made of them (x.yaml -> ..data/x.yaml, ..data -> ..2024_06_01).
import { type BigIntStats, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Fault } from '@penstock/fault'

export interface FolderScan {
  /** Stamp of every manifest by its path in the folder: another stamp, perhaps another content. */
  files: Map<string, string>
  /** Identity of every directory; the folder itself is the empty path. */
  directories: Map<string, string>
  /** When anything in here last changed, ms since 1970. */
  changedAtMs: number
  /** Directories that cannot be read: what is below them is unknown, not gone. */
  unknown: { path: string; reason: string }[]
}

/** Editors' temporary files, swap files and backups have a leading dot or another ending. */
export const isManifestName = (name: string): boolean => !name.startsWith('.') && /\.(ya?ml|json)$/.test(name)

export const stampOf = (stats: BigIntStats): string =>
  `${identityOf(stats)}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`

export const identityOf = (stats: BigIntStats): string => `${stats.dev}:${stats.ino}`

// Synchronous calls are several times cheaper; a pause now and then lets events through.
const entriesPerTurn = 200

/** Throws a fault if the folder itself cannot be read. */
export async function scanFolder(root: string): Promise<FolderScan> {
  const scan: FolderScan = { files: new Map(), directories: new Map(), changedAtMs: 0, unknown: [] }
  const nowMs = Date.now()
  const queue: { path: string; above: readonly string[] }[] = [{ path: '', above: [] }]
  let looked = 0
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { path, above } = next
    const found = readDirectory(root, path, scan)
    // A link to a directory above leads in a circle.
    if (!found || above.includes(found.identity)) continue
    scan.directories.set(path, found.identity)
    for (const name of found.names) {
      if (name.startsWith('.')) continue
      const stats = statSync(join(root, path, name), { bigint: true, throwIfNoEntry: false })
      if (stats?.isDirectory()) queue.push({ path: join(path, name), above: [...above, found.identity] })
      if (stats?.isFile() && isManifestName(name)) scan.files.set(join(path, name), stampOf(stats))
      if (stats && isManifestName(name)) noteChange(scan, stats, nowMs)
      looked += 1
      if (looked % entriesPerTurn === 0) await nextTurn()
    }
  }
  return scan
}

function readDirectory(
  root: string,
  path: string,
  scan: FolderScan,
): { identity: string; names: string[] } | undefined {
  try {
    const stats = statSync(join(root, path), { bigint: true })
    noteChange(scan, stats, Date.now())
    return { identity: identityOf(stats), names: readdirSync(join(root, path)) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    if (path === '') throw new Fault('folder_unreadable', reason, { cause: thrown })
    scan.unknown.push({ path, reason })
    return undefined
  }
}

// The inode's change time, which nobody can set back; one in the future says nothing.
function noteChange(scan: FolderScan, stats: BigIntStats, nowMs: number): void {
  const changedAtMs = Number(stats.ctimeMs)
  if (changedAtMs <= nowMs + 1) scan.changedAtMs = Math.max(scan.changedAtMs, changedAtMs)
}
