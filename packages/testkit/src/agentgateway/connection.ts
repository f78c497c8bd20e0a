// What becomes of a connection: TLS ended or passed through, HTTP of either version answered, bytes carried.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import type { Listener } from './accept-listener.ts'
import type { AcceptedTls } from './accept-tls.ts'
import { type Arrived, answerRequest, drawBackend, tlsListeners } from './answer-request.ts'
import type { OpenBind } from './bind-store.ts'
import type { Surroundings } from './call-backend.ts'
import { httpVersion, peek, serverName } from './client-hello.ts'
import { asNodeHeaders, createHeaderList, headerPairs } from './header-list.ts'
import { bestByHostname, hostnamesFor } from './hostname-ranks.ts'
import type { Answer } from './proxy-fault.ts'
import { wholeOf } from './upstream.ts'

export interface Connections {
  /** Until the connection is over. */
  serve(socket: Socket, bindKey: string): Promise<void>
  /** Cuts all of them. */
  close(): void
}

interface Facts {
  readonly bindKey: string
  readonly listener: Listener | undefined
}

type Request = Omit<Arrived, 'bind' | 'listener' | 'isTls'>

/** `onBug` is told of what this client did wrong, which no proxy would. */
export function createConnections(around: Surroundings, onBug: (error: unknown) => void): Connections {
  const open = new Set<Socket>()
  const factsOf = new WeakMap<object, Facts>()
  const answer = async (request: Request, { bindKey, listener }: Facts): Promise<Answer> => {
    const bind = around.store.binds.get(bindKey)
    const gone = { status: 404, headers: createHeaderList(), body: new Uint8Array() }
    return bind ? answerRequest({ ...request, bind, listener, isTls: listener !== undefined }, around) : gone
  }
  const http1 = createServer((request, response) => {
    const facts = factsOf.get(request.socket)
    if (facts) answerHttp1(request, response, (one) => answer(one, facts)).catch(onBug)
  }).on('upgrade', (request, socket, start) => {
    const facts = factsOf.get(request.socket)
    socket.on('error', () => {}).unshift(start)
    if (facts) answerUpgrade(request, socket, (one) => answer(one, facts)).catch(onBug)
  })
  const serveHttp = async (socket: Socket, facts: Facts): Promise<void> => {
    const version = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2' ? 2 : await peek(socket, httpVersion)
    if (version === undefined) return
    factsOf.set(socket, facts)
    if (version === 1) http1.emit('connection', socket)
    else
      performServerHandshake(socket)
        .on('stream', (stream, head, _flags, raw) => {
          answerHttp2(stream, head, raw, (one) => answer(one, facts)).catch(onBug)
        })
        .on('error', () => {})
    await once(socket, 'close')
  }
  return {
    async serve(socket, bindKey) {
      open.add(socket)
      socket.on('error', () => {}).once('close', () => open.delete(socket))
      const bind = around.store.binds.get(bindKey)
      if (bind?.bind.protocol === 'http') await serveHttp(socket, { bindKey, listener: undefined })
      else if (bind?.bind.protocol === 'tcp') carry(socket, [...bind.listeners.values()][0], undefined, around)
      else if (bind) {
        const ended = await endTls(socket, bind)
        if (ended?.listener.protocol === 'https') await serveHttp(ended.socket, { bindKey, listener: ended.listener })
        else carry(ended?.socket ?? socket, ended?.listener, ended?.name, around)
      }
    },
    close() {
      for (const socket of open) socket.destroy()
      http1.close()
    },
  }
}

const asked = (request: IncomingMessage, body: Uint8Array): Request => ({
  version: 1,
  method: request.method ?? '',
  authority: request.headers.host ?? '',
  target: request.url ?? '/',
  headers: createHeaderList(headerPairs(request.rawHeaders)),
  body,
})

async function answerHttp1(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: Request) => Promise<Answer>,
): Promise<void> {
  const { status, headers, body } = await answer(asked(request, await wholeOf(request)))
  response.writeHead(status, asNodeHeaders(headers))
  response.end(body)
}

/** The head is written by hand: of an upgrade node leaves the connection to us. */
async function answerUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  answer: (request: Request) => Promise<Answer>,
): Promise<void> {
  const { upgrade } = request.headers
  const { status, headers, body, upgraded } = await answer({ ...asked(request, new Uint8Array()), upgrade })
  headers.set('connection', upgraded ? 'upgrade' : 'close')
  if (upgraded) headers.set('upgrade', upgrade ?? '')
  else headers.set('content-length', String(body.length))
  const lines = headers.entries().map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`HTTP/1.1 ${status} -\r\n${lines.join('')}\r\n`)
  if (upgraded)
    upgraded
      .on('error', () => socket.destroy())
      .pipe(socket)
      .pipe(upgraded)
  else socket.end(body)
}

async function answerHttp2(
  stream: ServerHttp2Stream,
  head: IncomingHttpHeaders,
  raw: readonly string[],
  answer: (request: Request) => Promise<Answer>,
): Promise<void> {
  stream.on('error', () => {})
  const { status, headers, body, trailers } = await answer({
    version: 2,
    method: head[':method'] ?? '',
    authority: head[':authority'] ?? '',
    target: head[':path'] ?? '/',
    headers: createHeaderList(headerPairs(raw).filter(([name]) => !name.startsWith(':'))),
    body: await wholeOf(stream),
  })
  if (stream.destroyed) return
  if (trailers) stream.on('wantTrailers', () => stream.sendTrailers(asNodeHeaders(trailers)))
  stream.respond({ ':status': status, ...asNodeHeaders(headers) }, { waitForTrailers: trailers !== undefined })
  stream.end(body)
}

/** Undefined: there is no listener for the name, or the handshake failed. */
async function endTls(
  socket: Socket,
  bind: OpenBind,
): Promise<{ socket: Socket; listener: Listener; name: string } | undefined> {
  const name = await peek(socket, serverName)
  const listener = name === undefined ? undefined : bestByHostname(tlsListeners(bind), name)
  if (listener === undefined || name === undefined || listener.tls === 'broken') return undefined
  if (listener.tls === undefined) return { socket, listener, name }
  const secured = await handshake(socket, listener.tls).catch(() => undefined)
  return secured && { socket: secured, listener, name }
}

async function handshake(socket: Socket, tls: Exclude<AcceptedTls, 'broken'>): Promise<TLSSocket> {
  const server = createTlsServer({
    cert: tls.cert,
    key: tls.key,
    ...(tls.clientAuthorities !== undefined && {
      ca: tls.clientAuthorities,
      requestCert: true,
      rejectUnauthorized: !tls.insecureFallback,
    }),
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
  })
  const refused = once(server, 'tlsClientError').then(([error]) => Promise.reject(error))
  const secured = once(server, 'secureConnection')
  server.emit('connection', socket)
  const [one] = (await Promise.race([secured, refused])) as [TLSSocket]
  return one.on('error', () => {})
}

/** Bytes to a backend of the best route; without one the connection ends. */
function carry(socket: Socket, listener: Listener | undefined, name: string | undefined, around: Surroundings): void {
  const target = listener && tcpTarget(listener, name, around)
  if (target === undefined) return void socket.destroy()
  const upstream = connect(target.port, target.host)
  upstream.on('error', () => socket.destroy()).once('close', () => socket.destroy())
  socket.once('close', () => upstream.destroy())
  socket.pipe(upstream).pipe(socket)
}

function tcpTarget({ key }: Listener, name: string | undefined, { store, addresses, endpoints, random }: Surroundings) {
  const routes = store.tcpRoutesOf(`listener ${key}`).toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const route = (name === undefined ? [''] : hostnamesFor(name))
    .flatMap((hostname) =>
      routes.filter(({ hostnames }) => (hostname === '' ? hostnames.length === 0 : hostnames.includes(hostname))),
    )
    .at(0)
  const target = route && drawBackend(route, random)?.target
  const service = target?.is === 'service' ? addresses.services.get(target.service) : undefined
  try {
    return service && target?.is === 'service' ? endpoints.choose(service, target.port) : undefined
  } catch {
    return undefined
  }
}
