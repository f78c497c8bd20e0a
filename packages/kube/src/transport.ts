// HTTP to one API server: connections that are kept, an answer within its time, nothing else. One pool for requests and
// one for watches, so that neither waits for the other.
import http from 'node:http'
import https from 'node:https'
import { Fault } from '@penstock/fault'
import type { ClusterAccess, Credentials, TlsIdentity } from './access.ts'
import type { KubeLimits } from './limits.ts'

export interface HttpRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Has a connection for itself, for long. */
  readonly watch?: boolean | undefined
  readonly signal: AbortSignal
}

export interface Transport extends Disposable {
  /** Resolves with the head of the answer, whatever its status. */
  send(request: HttpRequest): Promise<http.IncomingMessage>
}

interface Pools {
  readonly requests: http.Agent
  readonly watches: http.Agent
}

export function createTransport(access: ClusterAccess, limits: KubeLimits): Transport {
  const scheme = access.server.protocol === 'http:' ? http : https
  let identity: string | undefined
  let pools: Pools | undefined

  function poolsFor({ tls }: Credentials): Pools {
    const wanted = identityOf(tls)
    if (pools && identity === wanted) return pools
    // Requests under way end on the connections of the old identity.
    if (pools) for (const pool of Object.values(pools) as http.Agent[]) closeIdle(pool)
    identity = wanted
    const pool = (maxSockets: number): http.Agent => new scheme.Agent({ ...keptAlive, ...tls, maxSockets })
    pools = { requests: pool(limits.maxSockets), watches: pool(limits.maxWatches) }
    return pools
  }

  async function send(request: HttpRequest): Promise<http.IncomingMessage> {
    const credentials = await access.credentials()
    const { requests, watches } = poolsFor(credentials)
    const agent = credentials.agent ?? (request.watch ? watches : requests)
    const options: https.RequestOptions = {
      method: request.method,
      host: access.server.hostname.replace(/^\[|\]$/g, ''),
      port: access.server.port || (scheme === http ? 80 : 443),
      path: access.server.pathname.replace(/\/$/, '') + request.path,
      headers: { ...request.headers, ...credentials.headers },
      agent,
      signal: request.signal,
    }
    const exchange = (): Promise<http.IncomingMessage> =>
      answerOf(scheme.request(options), request, limits.answerTimeoutMs)
    return exchange().catch((thrown: unknown) => {
      if (thrown instanceof StaleConnection) return exchange()
      throw thrown
    })
  }
  return {
    send,
    [Symbol.dispose]() {
      pools?.requests.destroy()
      pools?.watches.destroy()
    },
  }
}

const keptAlive = { keepAlive: true, keepAliveMsecs: 30_000 }

/** The server closed a kept connection just when it was used again: it has not seen the request. */
class StaleConnection extends Error {}

function answerOf(
  request: http.ClientRequest,
  { body, signal, method, path }: HttpRequest,
  timeoutMs: number,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const what = `${method} ${path.split('?')[0]}`
    const late = (): void =>
      void request.destroy(new Fault('kube_unreachable', `${what}: no answer in ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    request.once('response', (answer) => {
      clearTimeout(timer)
      resolve(answer)
    })
    // Stays for the life of the request: an error after the answer began reaches the reader of its body.
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (signal.aborted) reject(signal.reason as Error)
      else if (request.reusedSocket && isReset(error)) reject(new StaleConnection())
      else reject(unreachable(what, error))
    })
    request.end(body)
  })
}

const isReset = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE'

export function unreachable(what: string, thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
  return new Fault('kube_unreachable', `${what}: ${message}`, { cause: thrown })
}

function identityOf(tls: TlsIdentity): string {
  return JSON.stringify(Object.entries(tls).map(([name, value]) => [name, String(value)]))
}

function closeIdle(pool: http.Agent): void {
  for (const sockets of Object.values(pool.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}
