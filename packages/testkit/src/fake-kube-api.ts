// A strict API server without a store on disk, for faults that the real one cannot be made to have: real HTTP, versions,
// pages and history that expire, watches, apply, rights, and misfortunes on command. What it does right is held against
// the real one by the contract of packages/kube.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { notFound, Refused, send, shown } from './fake-kube-answer.ts'
import {
  aggregatedDiscovery,
  definitions,
  isAllowed,
  legacyGroups,
  legacyResources,
  rulesOf,
  servedKinds,
} from './fake-kube-kinds.ts'
import { type KubeObject, KubeObjects, kindName, type StoredKind } from './fake-kube-objects.ts'
import { answerList, type Pages, type ReadRequest, startWatch, type Watch } from './fake-kube-reading.ts'
import { create, patch, remove, replace, tried, type WriteRequest } from './fake-kube-writing.ts'

/** An answer in place of the right one. */
export interface Misanswer {
  /** Of method, path and query, `GET /api/v1/services?limit=500`; left out: all. */
  readonly match?: RegExp
  readonly status: number
  readonly retryAfter?: number
  /** How often; left out: until `answerRightly`. */
  readonly times?: number
}

export interface FakeKubeApi extends AsyncDisposable {
  readonly url: string
  /** Every request: method, path and query. */
  readonly requests: string[]
  /** Open watches of a plural. */
  watches(plural: string): number
  /** By token; the one of `admin` is `admin`, who may do everything. */
  readonly tokens: Map<string, string>
  /** By user: every right that was needed and had, as `singleRights` says it. */
  readonly exercised: Map<string, Set<string>>
  /** By user: every right that was needed and missing. */
  readonly missed: Map<string, Set<string>>
  /** Only the older form of discovery. */
  legacyDiscovery: boolean
  /** Connections end, new ones are refused, until `start`. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Accepts connections and answers nothing, until `thaw`. */
  freeze(): void
  thaw(): void
  misanswer(answer: Misanswer): void
  answerRightly(): void
  /** Requests that match (as `Misanswer.match`), the first so many of them, wait until the result is called: they are
   * served then, also if nobody waits for the answer any more. */
  hold(match: RegExp, times?: number): () => void
  /** Forgets all history and all pages: 410 for whoever was behind. */
  compact(): void
  /** A bookmark to every watch. */
  bookmark(): void
  /** Sends this text to every watch of the plural, as it is. */
  writeToWatches(plural: string, text: string | Buffer): void
  /** Breaks the connections of all watches, or ends them in order. */
  endWatches(how: 'cut' | 'in_order'): void
  /** Calling the result goes back to the store as it is now, its counter included. */
  snapshot(): () => void
}

export async function startFakeKubeApi(): Promise<FakeKubeApi> {
  const api = new FakeServer()
  await api.start()
  return api
}

const pathPattern =
  /^\/(?:api\/v1|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/

class FakeServer implements FakeKubeApi {
  readonly requests: string[] = []
  readonly tokens = new Map([['admin', 'admin']])
  readonly exercised = new Map<string, Set<string>>()
  readonly missed = new Map<string, Set<string>>()
  legacyDiscovery = false
  readonly #objects = new KubeObjects()
  readonly #pages: Pages = new Map()
  readonly #watches = new Set<Watch>()
  readonly #sockets = new Set<Socket>()
  readonly #frozen: (() => void)[] = []
  #isFrozen = false
  readonly #holds = new Set<{ readonly match: RegExp; left: number; readonly released: Promise<void> }>()
  #misanswers: { answer: Misanswer; left: number }[] = []
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#whenThawed(() => void this.#answer(request, response)))
    server.keepAliveTimeout = 60_000
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket)).on('error', () => {})
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  freeze(): void {
    this.#isFrozen = true
  }

  thaw(): void {
    this.#isFrozen = false
    for (const go of this.#frozen.splice(0)) go()
  }

  misanswer(answer: Misanswer): void {
    this.#misanswers.push({ answer, left: answer.times ?? Number.POSITIVE_INFINITY })
  }

  answerRightly(): void {
    this.#misanswers = []
  }

  hold(match: RegExp, times = Number.POSITIVE_INFINITY): () => void {
    const { promise: released, resolve } = Promise.withResolvers<void>()
    const hold = { match, left: times, released }
    this.#holds.add(hold)
    return () => {
      this.#holds.delete(hold)
      resolve()
    }
  }

  compact(): void {
    this.#objects.compact()
    this.#pages.clear()
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark()
  }

  watches(plural: string): number {
    return this.#watchesOf(plural).length
  }

  writeToWatches(plural: string, text: string | Buffer): void {
    for (const { response } of this.#watchesOf(plural)) response.write(text)
  }

  endWatches(how: 'cut' | 'in_order'): void {
    for (const watch of this.#watches) {
      if (how === 'cut') watch.response.destroy()
      else watch.end()
    }
  }

  snapshot(): () => void {
    return this.#objects.snapshot()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw()
    await this.kill()
  }

  #watchesOf(plural: string): Watch[] {
    return [...this.#watches].filter(({ kind }) => kind.plural === plural)
  }

  #whenThawed(go: () => void): void {
    if (this.#isFrozen) this.#frozen.push(go)
    else go()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = `${request.method} ${request.url}`
    this.requests.push(name)
    try {
      const text = await textOf(request)
      for (const hold of this.#holds) {
        if (hold.left === 0 || !hold.match.test(name)) continue
        hold.left -= 1
        await hold.released
      }
      const wrong = this.#misanswers.find(({ answer, left }) => left > 0 && (answer.match?.test(name) ?? true))
      if (wrong) {
        wrong.left -= 1
        const { status, retryAfter } = wrong.answer
        const refusal = new Refused(status, 'Misfortune', 'as the test wants it')
        send(response, status, refusal.status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
        return
      }
      this.#serve(request, response, text === '' ? {} : (JSON.parse(text) as Record<string, unknown>))
    } catch (thrown) {
      if (thrown instanceof Refused) send(response, thrown.code, thrown.status)
      else if (!response.headersSent) send(response, 500, `${String(thrown)}\n`)
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>): void {
    const user = this.#userOf(request)
    const { pathname, searchParams: query } = new URL(request.url ?? '', this.url)
    const accept = request.headers.accept ?? ''
    const kinds = servedKinds(this.#objects)
    if (this.#discover(response, pathname, accept, kinds)) return
    if (pathname.startsWith('/apis/authorization.k8s.io/v1/')) return this.#review(response, user, body)
    const asked = placeOf(pathname)
    const { namespace, name, subresource } = asked
    const verb = verbOf(request.method ?? '', name, query)
    this.#allow(user, verb, asked.group, subresource === undefined ? asked.plural : `${asked.plural}/${subresource}`)
    const kind = kinds.find((each) => isAt(each, asked))
    if (!kind) {
      send(response, 404, '404 page not found\n')
      return
    }
    const read: ReadRequest = { kind, namespace, query, accept }
    if (verb === 'list') answerList(this.#objects, this.#pages, response, read)
    else if (verb === 'watch') this.#watch(response, read)
    else if (verb === 'get') send(response, 200, shown(this.#find(kind, namespace, name ?? ''), kind, accept))
    else {
      const creates = verb === 'patch' && !subresource && !this.#objects.get(kind, namespace, name ?? '')
      if (creates) this.#allow(user, 'create', asked.group, asked.plural)
      const contentType = request.headers['content-type'] ?? ''
      const write = { kind, namespace, name: name ?? '', subresource, query, contentType, body }
      send(response, verb === 'create' ? 201 : 200, shown(this.#write(verb, write), kind, ''))
    }
  }

  #write(verb: string, request: WriteRequest): KubeObject {
    const objects = this.#objects
    const change = { create, update: replace, patch }[verb]
    if (change && request.query.get('dryRun') === 'All') return tried(objects, change, request)
    if (change) return change(objects, request)
    const removed = remove(objects, request)
    if (kindName(request.kind) === kindName(definitions)) this.#undefine(removed)
    return removed
  }

  /** With a definition go its objects and its watches. */
  #undefine(definition: KubeObject): void {
    const spec = definition['spec'] as { group: string; names: { plural: string } }
    const kind = { group: spec.group, plural: spec.names.plural } as StoredKind
    for (const object of this.#objects.list(kind, '')) this.#objects.delete(kind, object)
    for (const watch of this.#watchesOf(spec.names.plural)) watch.end()
  }

  #watch(response: ServerResponse, request: ReadRequest): void {
    if (request.query.get('sendInitialEvents') === 'true') {
      throw new Refused(
        422,
        'Invalid',
        'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
      )
    }
    this.#watches.add(startWatch(this.#objects, response, request, (ended) => this.#watches.delete(ended)))
  }

  #find(kind: StoredKind, namespace: string, name: string): KubeObject {
    const found = this.#objects.get(kind, namespace, name)
    if (!found) throw notFound(kind, name)
    return found
  }

  #userOf(request: IncomingMessage): string {
    const user = this.tokens.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    if (user === undefined) throw new Refused(401, 'Unauthorized', 'Unauthorized')
    const other = request.headers['impersonate-user']
    return user === 'admin' && typeof other === 'string' ? other : user
  }

  #allow(user: string, verb: string, group: string, resource: string): void {
    if (user === 'admin') return
    const allowed = isAllowed(this.#objects, { user, verb, group, resource })
    const known = allowed ? this.exercised : this.missed
    known.set(user, (known.get(user) ?? new Set()).add(`${verb} ${group}/${resource}`))
    if (allowed) return
    const message = `${resource} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}"`
    throw new Refused(403, 'Forbidden', message)
  }

  #discover(response: ServerResponse, path: string, accept: string, kinds: readonly StoredKind[]): boolean {
    const aggregated = accept.includes('APIGroupDiscoveryList') && !this.legacyDiscovery
    if (path === '/apis' || path === '/api') {
      const core = path === '/api'
      const legacy = core ? { kind: 'APIVersions', versions: ['v1'] } : legacyGroups(kinds)
      send(response, 200, aggregated ? aggregatedDiscovery(kinds, core) : legacy)
      return true
    }
    const [, group = '', version = 'v1'] = /^\/(?:api\/v1|apis\/([^/]+)\/([^/]+))$/.exec(path) ?? []
    if (path !== '/api/v1' && group === '') return false
    const found = legacyResources(kinds, group, version)
    send(response, found ? 200 : 404, found ?? '404 page not found\n')
    return true
  }

  #review(response: ServerResponse, user: string, body: Record<string, unknown>): void {
    const spec = body['spec'] as { resourceAttributes?: Record<string, string> }
    const attributes = spec.resourceAttributes
    if (!attributes) {
      const status = { resourceRules: rulesOf(this.#objects, user), nonResourceRules: [], incomplete: false }
      send(response, 201, { ...body, status })
      return
    }
    const { verb = '', group = '', resource = '', subresource } = attributes
    const asked = { user, verb, group, resource: subresource ? `${resource}/${subresource}` : resource }
    send(response, 201, { ...body, status: { allowed: user === 'admin' || isAllowed(this.#objects, asked) } })
  }
}

interface Place {
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly plural: string
  readonly name: string | undefined
  readonly subresource: string | undefined
}

function placeOf(path: string): Place {
  const [, group = '', version = 'v1', namespace = '', plural = '', name, subresource] = pathPattern.exec(path) ?? []
  return { group, version, namespace, plural, name: name && decodeURIComponent(name), subresource }
}

function isAt(kind: StoredKind, { group, version, plural, subresource }: Place): boolean {
  if (kind.group !== group || kind.version !== version || kind.plural !== plural) return false
  return subresource === undefined || (subresource === 'status' && kind.hasStatus)
}

function verbOf(method: string, name: string | undefined, query: URLSearchParams): string {
  if (method !== 'GET') return { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }[method] ?? method
  if (name !== undefined) return 'get'
  return query.get('watch') === 'true' ? 'watch' : 'list'
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
