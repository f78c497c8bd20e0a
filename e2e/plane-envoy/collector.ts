// An OpenTelemetry collector that only listens: gRPC in the clear, whatever is exported.
import { once } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface Collector extends AsyncDisposable {
  readonly port: number
  /** The bytes that came for a service, as text: what is sought in them stands there as it is. */
  heard(service: string): string
}

/** A message of no bytes, not compressed. */
const emptyMessage = Buffer.alloc(5)

export async function startCollector(): Promise<Collector> {
  const heard: { readonly path: string; readonly text: string }[] = []
  const sessions = new Set<ServerHttp2Session>()
  const server = createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      heard.push({ path: String(headers[':path']), text: Buffer.concat(chunks).toString('latin1') })
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(emptyMessage)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    heard: (service) =>
      heard
        .filter(({ path }) => path.includes(service))
        .map(({ text }) => text)
        .join(''),
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
