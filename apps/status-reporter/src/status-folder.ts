// The folder of status files: `<Kind>.<namespace>.<name>.yaml`, or `<Kind>.<name>.yaml` for what has no namespace. A file
// is replaced as a whole and only when something in it differs. Files that others put there are left alone.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Fault } from '@penstock/fault'
import { parse, stringify } from 'yaml'
import type { StatusDocument } from './folder-target.ts'

export interface StatusFolder {
  /** What stands in the file, written in this life or an earlier one. */
  read(file: string): StatusDocument | undefined
  /** Returns whether the file was written. Throws a fault if it cannot be. */
  write(file: string, document: StatusDocument): boolean
  /** Throws a fault if it cannot be removed. */
  remove(file: string): void
  /** Removes what a writer that died left half written; nobody else may be writing. Throws a fault if it cannot. */
  tidy(): void
  files(): string[]
  /** Others may have written. */
  readAgain(): void
}

interface Entry {
  /** As found; undefined once it is known what it says. */
  text?: string
  document?: StatusDocument | undefined
}

const header = '# Written by Penstock. Edits here are lost, and have no effect.\n'
const ending = '.yaml'
const unfinished = '.yaml.next'

/** `onLost`: somebody removed the folder, so everything has to be written again. Throws when it cannot be made. */
export function openStatusFolder(folder: string, onLost: () => void): StatusFolder {
  mkdirSync(folder, { recursive: true })
  let entries = readEntries(folder)
  return {
    read(file) {
      const entry = entries.get(file)
      if (entry?.text !== undefined) entries.set(file, { document: documentIn(entry.text) })
      return entries.get(file)?.document
    },
    write(file, document) {
      if (isDeepStrictEqual(this.read(file), document)) return false
      const text = `${header}${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`
      try {
        // Gone only if somebody removed it.
        const made = mkdirSync(folder, { recursive: true }) !== undefined
        replace(join(folder, file), text)
        if (made) {
          entries.clear()
          onLost()
        }
      } catch (thrown) {
        throw Fault.from(thrown, 'folder_unwritable')
      }
      entries.set(file, { document })
      return true
    },
    remove(file) {
      removeFile(join(folder, file))
      entries.delete(file)
    },
    tidy() {
      for (const file of filesIn(folder, unfinished)) removeFile(join(folder, file))
    },
    files: () => [...entries.keys()],
    readAgain() {
      entries = readEntries(folder)
    },
  }
}

/** Longer than any file system takes, as two names of Kubernetes can be: cut, with a hash of the whole. */
const maxNameLength = 240

export function statusFile(source: { kind: string; namespace: string; name: string }): string {
  const { kind, namespace, name } = source
  const full = [kind, ...(namespace === '' ? [] : [namespace]), name].join('.')
  if (full.length <= maxNameLength) return `${full}${ending}`
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 16)
  return `${full.slice(0, maxNameLength - hash.length - 1)}~${hash}${ending}`
}

/** What cannot be read counts as not there: writing it says what is wrong. */
function readEntries(folder: string): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const file of filesIn(folder, ending)) {
    const text = textOf(join(folder, file))
    if (text?.startsWith(header)) entries.set(file, { text })
  }
  return entries
}

function filesIn(folder: string, suffix: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith(suffix))
  } catch {
    return []
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (thrown) {
    throw Fault.from(thrown, 'folder_unwritable')
  }
}

function replace(path: string, text: string): void {
  const next = path.slice(0, -ending.length) + unfinished
  writeFileSync(next, text)
  renameSync(next, path)
}

/** A file that somebody broke counts as empty: it is written anew. */
function documentIn(text: string): StatusDocument | undefined {
  try {
    return (parse(text) as StatusDocument | null) ?? undefined
  } catch {
    return undefined
  }
}
