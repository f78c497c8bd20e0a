// A backend that tells who it is and what it received, so that a test can say where a request went and how it arrived.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EchoBackend extends AsyncDisposable {
  readonly name: string
  readonly port: number
}

/** What the backend answers with, as JSON. */
export interface Echo {
  backend: string
  method: string
  path: string
  host: string
  /** Names in lower case; values of a repeated header joined by a comma. */
  headers: Record<string, string>
}

/** Listens on `host` (a loopback address) and `port`; 0: a free one. */
export async function startEchoBackend(name: string, host = '127.0.0.1', port = 0): Promise<EchoBackend> {
  const server = createServer((request, response) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]))
    const echo: Echo = {
      backend: name,
      method: request.method ?? '',
      path: request.url ?? '',
      host: request.headers.host ?? '',
      headers,
    }
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-backend-name', name)
    response.end(JSON.stringify(echo))
  })
  // A connection that a proxy keeps must not end while the proxy takes it up again: that would be a failure of ours.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    name,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
