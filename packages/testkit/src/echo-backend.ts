// A backend that tells who it is and what it received, so that a test can say where a request went and how it arrived.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'

export interface EchoBackend extends AsyncDisposable {
  readonly name: string
  readonly port: number
  /** How many requests with this `x-echo-id` have come. */
  seen(id: string): number
}

/** What a request may ask of the backend, in headers: to be counted, and to fail the first times. */
export const echoId = 'x-echo-id'
export const echoFailing = 'x-echo-failing'

export interface Failing {
  times: number
  status: number
  delayMs?: number
}

/** What the backend answers with, as JSON. */
export interface Echo {
  backend: string
  method: string
  path: string
  host: string
  /** Names in lower case; values of a repeated header joined by a comma. */
  headers: Record<string, string>
  /** Over TLS: the name that was asked for, and that of the client's certificate, or nothing. */
  serverName?: string
  client?: string
}

/** PEM. Clients are asked for a certificate of this authority, and may show none. */
export interface BackendTlsOptions {
  readonly cert: string
  readonly key: string
  readonly ca: string
}

/** Listens on `host` (a loopback address) and `port`; 0: a free one. */
export async function startEchoBackend(
  name: string,
  host = '127.0.0.1',
  port = 0,
  tls?: BackendTlsOptions,
): Promise<EchoBackend> {
  const tally = createTally()
  const take: RequestListener = (request, response) => {
    const echo = echoOf(name, request)
    const failing = tally.count(echo.headers)
    if (failing !== undefined) response.statusCode = failing.status
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-backend-name', name)
    const answer = (): unknown => response.end(JSON.stringify(echo))
    if (failing?.delayMs === undefined) answer()
    else setTimeout(answer, failing.delayMs)
  }
  const asking = { requestCert: true, rejectUnauthorized: false }
  const server = tls === undefined ? createServer(take) : createTlsServer({ ...tls, ...asking }, take)
  // What a connection becomes says what it came with, and ends.
  server.on('upgrade', (request, socket) => {
    const protocol = request.headers.upgrade
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n\r\n${JSON.stringify(echoOf(name, request))}`,
    )
  })
  // A connection that a proxy keeps must not end while the proxy takes it up again: that would be a failure of ours.
  server.keepAliveTimeout = 0
  await once(server.listen(port, host), 'listening')
  return {
    name,
    port: (server.address() as AddressInfo).port,
    seen: tally.seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function echoOf(backend: string, request: IncomingMessage): Echo {
  return {
    backend,
    method: request.method ?? '',
    path: request.url ?? '',
    host: request.headers.host ?? '',
    headers: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)])),
    ...tlsFacts(request.socket),
  }
}

/** Of the requests that say who they are. */
export function createTally() {
  const counts = new Map<string, number>()
  const seen = (id: string): number => counts.get(id) ?? 0
  return {
    seen,
    /** How this request is to fail, if it is. */
    count({ [echoId]: id, [echoFailing]: failing }: Readonly<Record<string, string>>): Failing | undefined {
      if (id === undefined) return undefined
      counts.set(id, seen(id) + 1)
      const wanted = failing === undefined ? undefined : (JSON.parse(failing) as Failing)
      return wanted !== undefined && seen(id) <= wanted.times ? wanted : undefined
    },
  }
}

export function tlsFacts(socket: unknown): Pick<Echo, 'serverName' | 'client'> {
  if (!(socket instanceof TLSSocket)) return {}
  const serverName = (socket as TLSSocket & { servername?: string | false }).servername || ''
  return { serverName, client: String(socket.getPeerCertificate()?.subject?.CN ?? '') }
}
