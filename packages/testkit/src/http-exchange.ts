// One request to a proxy, exactly as written: path and Host untouched, a connection of its own.
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Echo } from './echo-backend.ts'

export interface HttpRequest {
  /** Default loopback. */
  address?: string
  port: number
  method?: string
  /** As sent in the Host header; also the SNI with `tls`. Default 127.0.0.1. */
  host?: string
  path?: string
  headers?: Readonly<Record<string, string>>
  /** How large a body goes with it. */
  bodyBytes?: number
  /** What the connection is to become, such as `websocket`; the answer is what comes then, until it ends. */
  upgrade?: string
  tls?: boolean
  /** PEM: the authorities, one of which must have signed the server's certificate. Left out: any certificate is taken. */
  trust?: string
  /** Asked for in the handshake, where it is not `host`. */
  serverName?: string
  /** PEM: the client's certificate and its key. */
  client?: string
}

export interface HttpAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: string
  /** Over TLS: the name of the server's certificate. */
  certificate?: string
  /** What the echo backend received; absent when something else answered. */
  echo?: Echo
}

export const timeoutMs = 10_000

/** Rejects when no answer comes: refused, reset, or 10 s without one. */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const {
    address = '127.0.0.1',
    port,
    method = 'GET',
    host = '127.0.0.1',
    path = '/',
    headers = {},
    bodyBytes = 0,
    tls = false,
    upgrade,
    client,
    trust,
  } = request
  const options = {
    host: address,
    port,
    method,
    path,
    headers: { host, ...(upgrade === undefined ? {} : { connection: 'Upgrade', upgrade }), ...headers },
    agent: false,
    timeout: timeoutMs,
  }
  const { message, stream } = await new Promise<Answered>((resolve, reject) => {
    const answer = (message: IncomingMessage): void => resolve({ message, stream: message })
    const sent = tls
      ? tlsRequest({ ...options, ...identity(client), servername: serverNameOf(request), ...verified(trust) }, answer)
      : plainRequest(options, answer)
    sent.once('upgrade', (message, socket, head) => {
      socket.unshift(head)
      resolve({ message, stream: socket })
    })
    sent.once('error', reject)
    sent.once('timeout', () => sent.destroy(tooLate()))
    sent.end(Buffer.alloc(bodyBytes))
  })
  const certificate = certificateOf(message)
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  const answer = {
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
    body,
    ...(certificate === undefined ? {} : { certificate }),
  }
  const echo = asEcho(body)
  return echo ? { ...answer, echo } : answer
}

interface Answered {
  readonly message: IncomingMessage
  /** What comes after the head. */
  readonly stream: Readable
}

/** To be told from a connection that is refused or reset. */
export const tooLate = (): Error & { code: string } =>
  Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' })

function certificateOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject?.CN ?? '') : undefined
}

/** What the echo backends answer with; undefined: something else answered. */
export function asEcho(body: string): Echo | undefined {
  if (!body.startsWith('{"backend":')) return undefined
  return JSON.parse(body) as Echo
}

/** That of the host unless told otherwise. */
export const serverNameOf = ({ host = '127.0.0.1', serverName }: Pick<HttpRequest, 'host' | 'serverName'>): string =>
  serverName ?? host.replace(/:\d+$/, '')

const verified = (trust: string | undefined) => (trust === undefined ? { rejectUnauthorized: false } : { ca: trust })

const identity = (pem: string | undefined) => (pem === undefined ? {} : { cert: pem, key: pem })
