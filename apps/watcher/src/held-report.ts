// Tells a person which objects stay only because some file cannot be read as objects: one line a file, when that changes.
import type { Logger } from '@penstock/telemetry'
import type { UnclearFile } from './catalog.ts'
import { cut } from './cut.ts'

const shownObjects = 10

/** `unnamed`: keys that no file names, left by an older life. They stay for the sake of the first blind file. */
export type HeldReport = (files: readonly UnclearFile[], unnamed: readonly string[]) => void

export function createHeldReport(log: Logger): HeldReport {
  let before = new Map<string, string>()
  return (files, unnamed) => {
    const now = new Map<string, string>()
    const first = files.find(({ blind }) => blind)
    for (const file of files) {
      const keys = [...new Set([...file.missing, ...(file === first ? unnamed : [])])].sort()
      if (keys.length === 0) continue
      now.set(file.file, keys.join())
      if (before.get(file.file) === keys.join()) continue
      const objects = keys.slice(0, shownObjects).map(nameOf)
      log.warn('held', { file: file.file, reason: cut(file.reason), objects, count: keys.length })
    }
    before = now
  }
}

/** `HTTPRoute default/web` */
function nameOf(key: string): string {
  const [, kind, namespace, name] = key.split('/')
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}
