// The folder of status files: `<Kind>.<namespace>.<name>.yaml`, or `<Kind>.<name>.yaml` for what has no namespace. A file
// is replaced as a whole and only when something in it differs.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { ObjectStatus, StatusDocument } from './status-document.ts'

export interface StatusFolder {
  /** The status last written, in this life or an earlier one. */
  read(file: string): ObjectStatus | undefined
  /** Returns whether the file was written. */
  write(file: string, document: StatusDocument): boolean
  remove(file: string): void
  files(): string[]
}

const header = '# Written by Penstock. Edits here are lost, and have no effect.\n'

/** Throws when the folder cannot be made. */
export function openStatusFolder(folder: string): StatusFolder {
  mkdirSync(folder, { recursive: true })
  const texts = new Map<string, string>()
  const statuses = new Map<string, ObjectStatus>()
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.yaml')) continue
    const text = readFileSync(join(folder, file), 'utf8')
    texts.set(file, text)
    const status = statusIn(text)
    if (status) statuses.set(file, status)
  }
  return {
    read: (file) => statuses.get(file),
    write(file, document) {
      statuses.set(file, document.status)
      const text = `${header}${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`
      if (texts.get(file) === text) return false
      const path = join(folder, file)
      writeFileSync(`${path}.next`, text)
      renameSync(`${path}.next`, path)
      texts.set(file, text)
      return true
    },
    remove(file) {
      texts.delete(file)
      statuses.delete(file)
      rmSync(join(folder, file), { force: true })
    },
    files: () => [...texts.keys()],
  }
}

export function statusFile(source: { kind: string; namespace: string; name: string }): string {
  const { kind, namespace, name } = source
  return `${[kind, ...(namespace === '' ? [] : [namespace]), name].join('.')}.yaml`
}

/** A file that somebody broke counts as empty: it is written anew. */
function statusIn(text: string): ObjectStatus | undefined {
  try {
    return (parse(text) as { status?: ObjectStatus } | null)?.status
  } catch {
    return undefined
  }
}
