// Statuses as files, for who works without a cluster: one document for each object, in the shape that Kubernetes shows.
import { type Fault, retry } from '@penstock/fault'
import { apiVersionOf, kindInfo, parseObjectKey } from '@penstock/gateway-api'
import type { Source } from '@penstock/ir'
import type { ObjectStatus } from './status-document.ts'
import { openStatusFolder, statusFile } from './status-folder.ts'
import type { StatusTarget } from './status-target.ts'

export interface StatusDocument {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly generation: number }
  readonly status: ObjectStatus
}

export interface FolderTargetOptions {
  readonly folder: string
  /** Ends all waiting for the folder. */
  readonly signal: AbortSignal
  /** Asked before each try: who leads no more gives up, and does not write what is old by then. */
  leads(): boolean
  /** The folder cannot be written; it is tried again. */
  onFault(fault: Fault): void
  /** Somebody removed the folder: everything has to be written again. */
  onLost(): void
}

/** Throws when the folder cannot be made. */
export function createFolderTarget({
  folder: path,
  signal,
  leads,
  onFault,
  onLost,
}: FolderTargetOptions): StatusTarget {
  const folder = openStatusFolder(path, onLost)

  /** `write` throws nothing but faults of the folder. Undefined: it was given up. */
  async function untilDone<T>(write: () => T): Promise<T | undefined> {
    try {
      return await retry(async () => (leads() ? write() : undefined), { signal, onFault })
    } catch (thrown) {
      if (!signal.aborted) throw thrown
      return undefined
    }
  }

  return {
    async write(source, render) {
      const file = statusFile(source)
      const wanted = render(folder.read(file)?.status)
      if (!wanted) return false
      const document = documentOf(source, wanted.status)
      return (await untilDone(() => folder.write(file, document))) ?? false
    },
    async remove(key) {
      await untilDone(() => folder.remove(statusFile(parseObjectKey(key))))
    },
    async sweep(wanted) {
      const known = new Set([...wanted].map((key) => statusFile(parseObjectKey(key))))
      await untilDone(() => folder.tidy())
      for (const file of folder.files()) if (!known.has(file)) await untilDone(() => folder.remove(file))
    },
    forget: () => folder.readAgain(),
  }
}

function documentOf({ group, kind, namespace, name, generation }: Source, status: ObjectStatus): StatusDocument {
  const info = kindInfo(group, kind)
  if (!info) throw new Error(`no kind is named ${kind} of group ${group}`)
  const metadata = { ...(namespace === '' ? {} : { namespace }), name, generation }
  return { apiVersion: apiVersionOf(info), kind, metadata, status }
}
