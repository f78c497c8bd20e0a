// A whole list, page by page, from one version of the store. If that version is forgotten between two pages (410), the
// list begins anew and comes in one piece, as the official clients do it.

import { Fault } from '@penstock/fault'
import type { ApiClient } from './api-client.ts'
import { ApiFault } from './api-fault.ts'
import type { ApiObject } from './api-object.ts'
import type { Query } from './api-path.ts'

export interface ListRequest {
  readonly path: string
  readonly query: Query
  readonly accept?: string
  readonly pageSize: number
  readonly signal?: AbortSignal
  /** Called before the first page, and again when all pages so far are void. */
  onBegin(): void
  onPage(items: readonly ApiObject[]): void
}

interface Page {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items?: readonly ApiObject[] | null
}

/** Resolves with the resourceVersion of the list, from which a watch goes on. */
export async function readList(client: ApiClient, request: ListRequest): Promise<string> {
  let limit: number | undefined = request.pageSize
  let token: string | undefined
  request.onBegin()
  for (;;) {
    let page: Page
    try {
      page = await readPage(client, request, { limit, continue: token })
    } catch (thrown) {
      if (token === undefined || !(thrown instanceof ApiFault) || thrown.status !== 410) throw thrown
      token = undefined
      limit = undefined
      request.onBegin()
      continue
    }
    request.onPage(page.items ?? [])
    token = page.metadata.continue
    if (token === undefined || token === '') return page.metadata.resourceVersion
  }
}

async function readPage(client: ApiClient, { path, query, accept, signal }: ListRequest, paging: Query): Promise<Page> {
  const page = await client.request<Page>({
    path,
    query: { ...query, ...paging },
    ...(signal === undefined ? {} : { signal }),
    ...(accept === undefined ? {} : { accept }),
  })
  // A proxy between us may say anything.
  const version: unknown = (page as Partial<Page> | null)?.metadata?.resourceVersion
  if (typeof version !== 'string') throw new Fault('kube_unreadable', `GET ${path}: the answer is not a list`)
  return page
}
