// Requests and answers in JSON: one attempt each, and a fault for whatever is not the answer that was asked for.
import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Fault } from '@penstock/fault'
import type { ClusterAccess } from './access.ts'
import { apiFault } from './api-fault.ts'
import { type Query, withQuery } from './api-path.ts'
import type { KubeLimits } from './limits.ts'
import { createTransport, unreachable } from './transport.ts'

export interface ApiRequest {
  /** Default GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly signal?: AbortSignal | undefined
}

export interface ApiClient extends Disposable {
  /** The decoded answer of any 2xx status. */
  request<T>(request: ApiRequest): Promise<T>
  /** The beginning of an answer without an end; the caller reads it, or destroys it. */
  open(request: ApiRequest): Promise<IncomingMessage>
}

export interface ApiClientOptions {
  readonly access: ClusterAccess
  readonly limits: KubeLimits
  readonly userAgent: string
}

const never = new AbortController().signal
// Every request under way listens.
setMaxListeners(0, never)

export function createApiClient({ access, limits, userAgent }: ApiClientOptions): ApiClient {
  const transport = createTransport(access, limits)

  async function exchange(request: ApiRequest, watch: boolean): Promise<IncomingMessage> {
    const { method = 'GET', signal = never } = request
    const body = request.body === undefined ? undefined : JSON.stringify(request.body)
    const headers = {
      accept: request.accept ?? 'application/json',
      'user-agent': userAgent,
      ...(body === undefined
        ? {}
        : {
            'content-type': request.contentType ?? 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
    }
    const path = withQuery(request.path, request.query)
    const answer = await transport.send({ method, path, headers, body, watch, signal })
    const status = answer.statusCode ?? 0
    if (status >= 200 && status < 300) return answer
    const text = await readBody(answer, request, limits.bodyTimeoutMs)
    const retryAfter = answer.headers['retry-after']
    throw apiFault(nameOf(request), { status, body: parsed(text) ?? text, retryAfter, maxDelayMs: limits.retryMaxMs })
  }

  /** A token may just have been replaced: once more with what the source of credentials has now. */
  async function send(request: ApiRequest, watch: boolean): Promise<IncomingMessage> {
    try {
      return await exchange(request, watch)
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'kube_unauthorized') throw thrown
      access.refresh()
      return exchange(request, watch)
    }
  }

  return {
    async request<T>(request: ApiRequest) {
      const text = await readBody(await send(request, false), request, limits.bodyTimeoutMs)
      const answer = parsed(text)
      if (answer === undefined) throw new Fault('kube_unreadable', `${nameOf(request)}: the answer is not JSON`)
      return answer as T
    },
    open: (request) => send(request, true),
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  }
}

const nameOf = ({ method = 'GET', path }: ApiRequest): string => `${method} ${path}`

async function readBody(answer: IncomingMessage, request: ApiRequest, timeoutMs: number): Promise<string> {
  const late = (): void =>
    void answer.destroy(new Fault('kube_unreachable', `${nameOf(request)}: no end of the answer in ${timeoutMs} ms`))
  const timer = setTimeout(late, timeoutMs)
  try {
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('utf8')
  } catch (thrown) {
    request.signal?.throwIfAborted()
    throw unreachable(nameOf(request), thrown)
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined: it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
