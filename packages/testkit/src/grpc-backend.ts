// The echo backend in gRPC: it takes HTTP/2 only, and any method; its message is the text that tells what it received.
import { once } from 'node:events'
import { createSecureServer, createServer, type Http2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type BackendTlsOptions, createTally, type Echo, type EchoBackend, tlsFacts } from './echo-backend.ts'
import { frameMessage } from './grpc-exchange.ts'

/** Listens on `host` (a loopback address) and `port`; 0: a free one. */
export async function startGrpcBackend(
  name: string,
  host = '127.0.0.1',
  port = 0,
  tls?: BackendTlsOptions,
): Promise<EchoBackend> {
  const sessions = new Set<Http2Session>()
  const tally = createTally()
  const asking = { requestCert: true, rejectUnauthorized: false }
  const server = tls === undefined ? createServer() : createSecureServer({ ...tls, ...asking })
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, head) => {
    const headers = Object.fromEntries(Object.entries(head).map(([key, value]) => [key, String(value)]))
    const echo: Echo = {
      backend: name,
      method: headers[':method'] ?? '',
      path: headers[':path'] ?? '',
      host: headers[':authority'] ?? '',
      headers,
      ...(tls === undefined ? {} : tlsFacts(stream.session?.socket)),
    }
    tally.count(headers)
    stream.on('error', () => {})
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'x-backend-name': name },
      { waitForTrailers: true },
    )
    stream.end(frameMessage(Buffer.from(JSON.stringify(echo))))
  })
  await once(server.listen(port, host), 'listening')
  return {
    name,
    port: (server.address() as AddressInfo).port,
    seen: tally.seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy()
        server.close(() => resolve())
      }),
  }
}
