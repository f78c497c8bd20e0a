// One unary gRPC call to a proxy on loopback, on a connection of its own: HTTP/2 without an upgrade, or chosen by ALPN.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'
import { asEcho, type HttpAnswer, type HttpRequest, timeoutMs, tooLate } from './http-exchange.ts'

/** `path` is `/<service>/<method>`. */
export type GrpcCall = Omit<HttpRequest, 'method'> & { path: string }

export interface GrpcAnswer extends HttpAnswer {
  /**
   * From the trailers, or from the headers where an answer has nothing else; where it says none, what the HTTP status means
   * to a client of gRPC (grpc/doc/http-grpc-status-mapping.md).
   */
  grpcStatus: number
}

/** Rejects when no answer comes: refused, reset, or 10 s without one. */
export async function callGrpc({
  port,
  host = '127.0.0.1',
  path,
  headers = {},
  tls = false,
}: GrpcCall): Promise<GrpcAnswer> {
  const session = connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, {
    servername: host.replace(/:\d+$/, ''),
    rejectUnauthorized: false,
  })
  const failed = once(session, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  try {
    const head = {
      ':method': 'POST',
      ':path': path,
      ':authority': host,
      'content-type': 'application/grpc',
      te: 'trailers',
    }
    return await Promise.race([answerTo(session, { ...head, ...headers }), failed])
  } finally {
    session.destroy()
  }
}

async function answerTo(session: ClientHttp2Session, head: Record<string, string>): Promise<GrpcAnswer> {
  const stream = session.request(head)
  stream.setTimeout(timeoutMs, () => stream.destroy(tooLate()))
  let trailers: IncomingHttpHeaders = {}
  stream.on('trailers', (seen) => {
    trailers = seen
  })
  stream.end(frameMessage(Buffer.alloc(0)))
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).subarray(prefixLength).toString()
  const text = Object.fromEntries(
    Object.entries({ ...headers, ...trailers }).map(([name, value]) => [name, String(value)]),
  )
  const echo = asEcho(body)
  const { ':status': status = 0 } = headers
  const { 'grpc-status': said } = text
  const grpcStatus = said === undefined ? (meanings[status] ?? unknown) : Number(said)
  const answer = { status, grpcStatus, headers: text, body }
  return echo ? { ...answer, echo } : answer
}

const unknown = 2
/** INTERNAL, UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED, UNAVAILABLE. */
const meanings: Readonly<Record<number, number>> = {
  ...{ 400: 13, 401: 16, 403: 7, 404: 12 },
  ...{ 429: 14, 502: 14, 503: 14, 504: 14 },
}

/** What stands before a message: that it is not compressed, and its length. */
const prefixLength = 5

export function frameMessage(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixLength)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
