// What an operator may ask the watcher: what each file says, and what is published of an object, from which line of which
// file. A file's page names its objects and does not show them: a Secret is not sealed yet there.
import type { Bus } from '@penstock/bus'
import type { Admin } from '@penstock/service'
import type { FolderProvider } from './folder-provider.ts'
import type { Entry } from './manifest.ts'
import type { ResourceState } from './resource-state.ts'

export interface PageSources {
  bus: Bus
  state: ResourceState
  /** Where objects come from a folder. */
  files?: Files
}

type Files = FolderProvider['files']

export function addDebugPages(admin: Admin, { bus, files, state }: PageSources): void {
  admin.debug('bus', ({ rest }) => bus.inspect(rest))
  admin.debug('resources', ({ rest }) => (rest === '' ? overview(state) : resourcePage(rest, state, files)))
  if (files) admin.debug('files', ({ rest }) => (rest === '' ? folderPage(files) : filePage(files, rest)))
}

function folderPage(files: Files): unknown {
  return [...files.files()].sort().map((file) => {
    const { entries } = files.manifest(file)
    const refused = entries.filter(({ refusals }) => refusals.length > 0).length
    return { file, documents: entries.length, refused, unsettled: files.unsettled(file) }
  })
}

function filePage(files: Files, file: string): unknown {
  const { entries } = files.manifest(file)
  if (entries.length === 0) return undefined
  return { file, unsettled: files.unsettled(file), documents: entries.map(documentOf) }
}

function documentOf({ line, identity, object, refusals, stranger }: Entry): unknown {
  const key = identity?.key
  return { line, key, accepted: object !== undefined, generation: object?.metadata.generation, refusals, stranger }
}

function overview(state: ResourceState): unknown {
  return { keys: [...state.keys()].sort(), held: [...state.held].sort(), unnamed: state.unnamed() }
}

function resourcePage(key: string, state: ResourceState, files: Files | undefined): unknown {
  const record = state.get(key)
  const named = files?.first(key)
  const held = state.held.has(key)
  if (record === undefined && named === undefined && !held) return undefined
  const changedMs = Number(record?.headers?.['changed-at'])
  return {
    key,
    from: named && { file: named.file, line: named.entry.line, refusals: named.entry.refusals },
    published: record !== undefined,
    held,
    changedAt: changedMs > 0 ? new Date(changedMs).toISOString() : undefined,
    value: record?.value,
  }
}
