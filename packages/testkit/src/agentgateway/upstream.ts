// One request to one endpoint, on a connection of its own. Requests and answers are held whole: this is no proxy for load.
import { once } from 'node:events'
import { request as http1Request, type IncomingMessage } from 'node:http'
import { connect as http2Connect, type IncomingHttpHeaders } from 'node:http2'
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate, connect as tlsConnect } from 'node:tls'
import type { AcceptedBackendTls } from './accept-tls.ts'
import { asNodeHeaders, createHeaderList, dropHopByHop, type HeaderList, headerPairs } from './header-list.ts'
import { type Answer, ProxyFault } from './proxy-fault.ts'
import { splitAuthority } from './url-edit.ts'

export interface Call {
  readonly host: string
  readonly port: number
  readonly tls: AcceptedBackendTls | undefined
  /** Undefined: as is agreed in the handshake, or else as the client did. */
  readonly version: 1 | 2 | undefined
  readonly fallbackVersion: 1 | 2
  readonly method: string
  readonly scheme: string
  readonly authority: string
  readonly target: string
  readonly headers: HeaderList
  readonly body: Uint8Array
  readonly timeoutMs: number | undefined
}

/** Throws a `ProxyFault`. */
export async function callUpstream(call: Call): Promise<Answer> {
  const ended = new AbortController()
  const timer = setTimeout(
    () => ended.abort(new ProxyFault(504, 'upstream call timeout', true)),
    call.timeoutMs ?? 60_000,
  )
  const socket = call.tls ? tlsConnect(tlsOptions(call, call.tls)) : connect(call.port, call.host)
  socket.on('error', () => {})
  const cut = (): unknown => socket.destroy()
  ended.signal.addEventListener('abort', cut)
  try {
    await once(socket, call.tls ? 'secureConnect' : 'connect')
    const agreed = 'alpnProtocol' in socket && socket.alpnProtocol ? (socket.alpnProtocol === 'h2' ? 2 : 1) : undefined
    const version = agreed ?? call.version ?? call.fallbackVersion
    return await (version === 2 ? callHttp2(socket, call) : callHttp1(socket, call))
  } catch (error) {
    if (ended.signal.aborted) throw ended.signal.reason
    throw new ProxyFault(503, `upstream call failed: ${error instanceof Error ? error.message : ''}`, true)
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}

async function callHttp1(socket: Socket, { method, target, authority, headers, body }: Call): Promise<Answer> {
  const head = headers.copy()
  head.set('host', authority)
  if (body.length > 0) head.set('content-length', String(body.length))
  const sent = http1Request({ createConnection: () => socket, method, path: target, headers: asNodeHeaders(head) })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const answered = createHeaderList(headerPairs(response.rawHeaders))
  dropHopByHop(answered)
  const whole = await wholeOf(response)
  return { status: response.statusCode ?? 0, headers: answered, body: whole }
}

async function callHttp2(socket: Socket, { method, scheme, target, authority, headers, body }: Call): Promise<Answer> {
  const session = http2Connect(`${scheme}://${authority}`, { createConnection: () => socket })
  const failed = once(session, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  try {
    const head = { ':method': method, ':scheme': scheme, ':path': target, ':authority': authority }
    const stream = session.request({ ...head, ...asNodeHeaders(headers) })
    const seen = { trailers: undefined as HeaderList | undefined }
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      seen.trailers = listOf(trailers)
    })
    stream.end(body)
    const [response] = (await Promise.race([once(stream, 'response'), failed])) as [IncomingHttpHeaders]
    const whole = await Promise.race([wholeOf(stream), failed])
    const { trailers } = seen
    const answer = { status: Number(response[':status']), headers: listOf(response), body: whole }
    return trailers ? { ...answer, trailers } : answer
  } finally {
    session.destroy()
  }
}

const listOf = (headers: IncomingHttpHeaders): HeaderList =>
  createHeaderList(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .flatMap(([name, value = '']) => [value].flat().map((one) => [name, one] as const)),
  )

export async function wholeOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function tlsOptions({ host, port, authority, version }: Call, tls: AcceptedBackendTls): ConnectionOptions {
  const [asked] = splitAuthority(authority)
  const name = tls.hostname ?? asked
  const versions = version === 2 ? ['h2'] : version === 1 ? ['http/1.1'] : ['h2', 'http/1.1']
  const isRight = (_: string, certificate: PeerCertificate): Error | undefined =>
    tls.names.length > 0 ? wrongNames(tls.names, certificate) : checkServerIdentity(name, certificate)
  return {
    host,
    port,
    ...(isIP(name) === 0 && { servername: name }),
    ALPNProtocols: [...(tls.alpn ?? versions)],
    rejectUnauthorized: tls.verify !== 'nothing',
    checkServerIdentity: tls.verify === 'chain' ? () => undefined : isRight,
    ...(tls.authorities !== undefined && { ca: tls.authorities }),
    ...(tls.cert !== undefined && { cert: tls.cert, key: tls.key }),
  }
}

function wrongNames(names: readonly string[], certificate: PeerCertificate): Error | undefined {
  const alternatives = (certificate.subjectaltname ?? '').split(', ')
  const isOne = (name: string): boolean =>
    name.includes('://') ? alternatives.includes(`URI:${name}`) : checkServerIdentity(name, certificate) === undefined
  return names.some(isOne) ? undefined : new Error('the certificate is for none of the names')
}
