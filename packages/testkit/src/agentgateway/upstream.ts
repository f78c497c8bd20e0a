// One request to one endpoint, on a connection of its own. Requests and answers are held whole: this is no proxy for load.
import { once } from 'node:events'
import { request as http1Request, type IncomingMessage } from 'node:http'
import { connect as http2Connect, type IncomingHttpHeaders } from 'node:http2'
import { connect, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate, connect as tlsConnect } from 'node:tls'
import type { AcceptedBackendTls } from './accept-tls.ts'
import { asNodeHeaders, createHeaderList, dropHopByHop, type HeaderList, headerPairs } from './header-list.ts'
import { type Answer, ProxyFault } from './proxy-fault.ts'
import { splitAuthority, usualPorts } from './url-edit.ts'

export interface Call {
  readonly host: string
  readonly port: number
  readonly tls: AcceptedBackendTls | undefined
  /** Undefined: as is agreed in the handshake, or else as the client did. */
  readonly version: 1 | 2 | undefined
  readonly fallbackVersion: 1 | 2
  readonly method: string
  readonly authority: string
  readonly target: string
  readonly headers: HeaderList
  readonly body: Uint8Array
  readonly timeoutMs: number | undefined
  /** What the connection is to become: HTTP/1 only. */
  readonly upgrade: string | undefined
}

/** Throws a `ProxyFault`. */
export async function callUpstream(told: Call): Promise<Answer> {
  const scheme = told.tls ? 'https' : 'http'
  const [name, port] = splitAuthority(told.authority)
  const call = { ...told, scheme, authority: port === usualPorts[scheme] ? name : told.authority }
  const ended = new AbortController()
  const timer = setTimeout(
    () => ended.abort(new ProxyFault(504, 'upstream call timeout', true)),
    call.timeoutMs ?? 60_000,
  )
  const socket = call.tls ? tlsConnect(tlsOptions(call, call.tls)) : connect(call.port, call.host)
  socket.on('error', () => {})
  let isUpgraded = false
  const cut = (): unknown => socket.destroy()
  ended.signal.addEventListener('abort', cut)
  try {
    await once(socket, call.tls ? 'secureConnect' : 'connect')
    const agreed = 'alpnProtocol' in socket && socket.alpnProtocol ? (socket.alpnProtocol === 'h2' ? 2 : 1) : undefined
    const version = agreed ?? call.version ?? call.fallbackVersion
    const answer = await (version === 2 ? callHttp2(socket, call) : callHttp1(socket, call))
    isUpgraded = answer.upgraded !== undefined
    return answer
  } catch (error) {
    if (ended.signal.aborted) throw ended.signal.reason
    if (error instanceof ProxyFault) throw error
    throw new ProxyFault(503, `upstream call failed: ${error instanceof Error ? error.message : ''}`, true)
  } finally {
    clearTimeout(timer)
    if (!isUpgraded) socket.destroy()
  }
}

async function callHttp1(socket: Socket, call: Call): Promise<Answer> {
  const { method, target, authority, headers, body, upgrade } = call
  const head = headers.copy()
  head.set('host', authority)
  if (body.length > 0) head.set('content-length', String(body.length))
  if (upgrade !== undefined) {
    head.set('connection', 'upgrade')
    head.set('upgrade', upgrade)
  }
  const sent = http1Request({ createConnection: () => socket, method, path: target, headers: asNodeHeaders(head) })
  sent.end(body)
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  const upgraded = once(sent, 'upgrade') as Promise<[IncomingMessage, Duplex, Buffer]>
  upgraded.catch(() => {})
  const [response, stream, start] = await Promise.race([answered, upgraded])
  const given = createHeaderList(headerPairs(response.rawHeaders))
  const became = given.first('upgrade')
  dropHopByHop(given)
  const status = response.statusCode ?? 0
  if (stream === undefined) return { status, headers: given, body: await wholeOf(response) }
  if (became?.toLowerCase() !== upgrade?.toLowerCase()) throw new ProxyFault(502, 'upgrade failed')
  stream.unshift(start)
  return { status, headers: given, body: new Uint8Array(), upgraded: stream }
}

async function callHttp2(socket: Socket, call: Call & { scheme: string }): Promise<Answer> {
  const { method, scheme, target, authority, headers, body } = call
  const session = http2Connect(`${scheme}://${authority}`, { createConnection: () => socket })
  const failed = once(session, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => {})
  try {
    const head = { ':method': method, ':scheme': scheme, ':path': target, ':authority': authority }
    const stream = session.request({ ...head, ...asNodeHeaders(headers) }, { endStream: body.length === 0 })
    const seen = { trailers: undefined as HeaderList | undefined }
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      seen.trailers = listOf(trailers)
    })
    if (body.length > 0) stream.end(body)
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
