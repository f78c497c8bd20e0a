// Lists with pages that expire, and watches with everything that the real ones have: resumption, synthetic first events,
// bookmarks, ends, and the words for having forgotten.
import type { ServerResponse } from 'node:http'
import { expired, send, shown } from './fake-kube-answer.ts'
import { type Change, type KubeObject, type KubeObjects, kindName, type StoredKind } from './fake-kube-objects.ts'

export interface ReadRequest {
  readonly kind: StoredKind
  readonly namespace: string
  readonly query: URLSearchParams
  readonly accept: string
}

/** Pages are cut from the list as it was when its first page was read. */
export type Pages = Map<string, { readonly items: readonly KubeObject[]; readonly version: number }>

export function answerList(objects: KubeObjects, pages: Pages, response: ServerResponse, request: ReadRequest): void {
  const { kind, namespace, query, accept } = request
  const token = query.get('continue')
  const page = token === null ? undefined : pages.get(token)
  if (token !== null && !page) throw expired()
  if (token !== null) pages.delete(token)
  const { items, version } = page ?? {
    items: objects.list(kind, namespace).filter((object) => selected(object, query)),
    version: objects.version,
  }
  const limit = Number(query.get('limit') ?? items.length)
  const rest = items.slice(limit)
  const next = rest.length > 0 ? `${version}-${rest.length}-${pages.size}` : undefined
  if (next !== undefined) pages.set(next, { items: rest, version })
  const metadata = { resourceVersion: String(version), ...(next === undefined ? {} : { continue: next }) }
  send(response, 200, {
    kind: `${kind.kind}List`,
    metadata,
    items: items.slice(0, limit).map((item) => inList(item, kind, accept)),
  })
}

/** Objects of built-in kinds do not say in a list what they are. */
function inList(object: KubeObject, kind: StoredKind, accept: string): object {
  const { apiVersion, kind: name, ...rest } = shown(object, kind, accept)
  return kind.schema === undefined ? rest : { apiVersion, kind: name, ...rest }
}

export interface Watch {
  readonly kind: StoredKind
  readonly response: ServerResponse
  bookmark(): void
  /** Sends a line as it is. */
  write(text: string): void
  end(): void
}

export function startWatch(
  objects: KubeObjects,
  response: ServerResponse,
  { kind, namespace, query, accept }: ReadRequest,
  onEnd: (watch: Watch) => void,
): Watch {
  const from = query.get('resourceVersion')
  const version = from === null || from === '' ? undefined : Number(from)
  if (version !== undefined && version < objects.compactedTo) throw expired()
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  const write = (text: string): void => void response.write(text)
  const event = (type: string, object: KubeObject): void =>
    write(`${JSON.stringify({ type, object: shown(object, kind, accept) })}\n`)
  const tell = (change: Change): void => {
    const told = seen(change, kind, namespace, query)
    if (told) event(told.type, told.object)
  }
  if (version === undefined) {
    for (const object of objects.list(kind, namespace)) if (selected(object, query)) event('ADDED', object)
  } else {
    // The real one is silent too until its counter has come to where the watch began.
    for (const change of objects.history) if (change.version > version) tell(change)
  }
  const listener = (change: Change): void => {
    if (version === undefined || change.version > version) tell(change)
  }
  objects.listeners.add(listener)
  const timer = setTimeout(() => watch.end(), Number(query.get('timeoutSeconds') ?? 3_600) * 1_000)
  const watch: Watch = {
    kind,
    response,
    write,
    bookmark() {
      if (query.get('allowWatchBookmarks') !== 'true') return
      const metadata = { resourceVersion: String(Math.max(objects.version, version ?? 0)) }
      write(`${JSON.stringify({ type: 'BOOKMARK', object: { kind: kind.kind, metadata } })}\n`)
    },
    end: () => void response.end(),
  }
  response.once('close', () => {
    clearTimeout(timer)
    objects.listeners.delete(listener)
    onEnd(watch)
  })
  return watch
}

/** How a change looks through a selector: what leaves it is deleted, what enters it is added. */
function seen(
  { before, after, kind }: Change,
  watched: StoredKind,
  namespace: string,
  query: URLSearchParams,
): { type: string; object: KubeObject } | undefined {
  const object = after ?? before
  if (kind !== kindName(watched) || !object) return undefined
  if (namespace !== '' && object.metadata.namespace !== namespace) return undefined
  const was = before !== undefined && selected(before, query)
  const is = after !== undefined && selected(after, query)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: after }
  if (!was) return undefined
  const resourceVersion = object.metadata.resourceVersion
  return { type: 'DELETED', object: { ...before, metadata: { ...before.metadata, resourceVersion } } }
}

function selected({ metadata }: KubeObject, query: URLSearchParams): boolean {
  const terms = (text: string | null): string[][] => (text ? text.split(',').map((term) => term.split(/==?/)) : [])
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
  }
  return (
    terms(query.get('labelSelector')).every(([name = '', value]) => metadata.labels?.[name] === value) &&
    terms(query.get('fieldSelector')).every(([name = '', value]) => fields[name] === value)
  )
}
