// Where connections come in: TCP, then TLS if there is any, and only then gRPC. One that has shown nothing worth serving
// is a stranger: strangers are few, and none stays long, so those who never get in cannot keep others out.
import type { X509Certificate } from 'node:crypto'
import { constants } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, Server as TlsServer } from 'node:tls'
import { Fault } from '@penstock/fault'
import type { Refusals } from './refusals.ts'
import type { XdsSettings } from './settings.ts'

/** PEM. */
export interface ServerTls {
  certificate: string
  key: string
  /** With it clients are asked for a certificate; what comes of one that is missing or not trusted is for `identify`. */
  clientCa?: string
}

/** What is known of the other end of a connection. */
export interface Connection {
  /** As gRPC names it: host, colon, port. */
  readonly peer: string
  readonly certificate: X509Certificate | undefined
  /** Why TLS does not trust the certificate, in OpenSSL's word. */
  readonly distrust: string | undefined
  /** Streams that were let in. */
  readonly streams: number
  enter(): void
  leave(): void
  /** After what was written last had the time to go out. A proxy shows what its files hold only on a new connection. */
  end(): void
}

export interface FrontDoorOptions {
  host: string
  port: number
  tls: ServerTls | undefined
  limits: Pick<XdsSettings, 'maxStrangers' | 'strangerMs'>
  refusals: Refusals
  accept(socket: Socket): void
}

export interface FrontDoor {
  readonly port: number
  connection(peer: string): Connection | undefined
  /** For connections from now on; those that are open stay. Throws if they cannot be used. */
  replaceTls(tls: ServerTls): void
  /** Nobody comes in any more; those who are in stay. */
  stop(): void
  /** Stops, and resolves once nobody is left: who is still there after a while is put out. */
  close(graceMs: number): Promise<void>
}

const lingerMs = 200
const handshakeTimeoutMs = 10_000

export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { tls, refusals, accept, limits } = options
  const guests = new Guests(limits, refusals)
  const settings = { noDelay: true, highWaterMark: 64 * 1024 }
  const server = tls ? createTlsServer({ ...settings, ...tlsOptions(tls) }) : createServer(settings)
  server.prependListener('connection', (socket: Socket) => {
    // Whoever reads from it will hear of the error too.
    socket.on('error', () => {})
    const guest = guests.enter(socket)
    if (guest && !tls) accept(socket)
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => {})
    if (guests.secure(socket)) accept(socket)
  })
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    refusals.refuse('handshake', { peer: nameOf(socket), message: error.message })
    socket.destroy()
  })
  const port = await listen(server, options)
  return {
    port,
    connection: (peer) => guests.find(peer),
    replaceTls(next) {
      if (server instanceof TlsServer) server.setSecureContext(tlsOptions(next))
    },
    stop: () => void server.close(),
    async close(graceMs) {
      const closed = new Promise((resolve) => server.close(resolve))
      const timer = setTimeout(() => guests.destroy(), graceMs).unref()
      await closed
      clearTimeout(timer)
    },
  }
}

function tlsOptions({ certificate, key, clientCa }: ServerTls): TlsOptions {
  return {
    ...{ cert: certificate, key, minVersion: 'TLSv1.3', ALPNProtocols: ['h2'], handshakeTimeout: handshakeTimeoutMs },
    // Each connection shows its certificate anew: a resumed session would stand on what an earlier one was worth.
    secureOptions: constants.SSL_OP_NO_TICKET,
    // The stream is told what is wrong with a certificate; a broken handshake tells nobody anything.
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  }
}

function listen(server: Server, { host, port }: FrontDoorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
    server.once('error', (error) =>
      reject(new Fault('port_in_use', `xDS cannot listen on ${where}: ${error.message}`, { cause: error })),
    )
    server.listen({ host, port }, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound ? bound.port : port)
    })
  })
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress === undefined ? 'gone' : `${remoteAddress}:${remotePort}`

/** All connections, those without a stream in the order in which they came to be so. */
class Guests {
  readonly #limits: FrontDoorOptions['limits']
  readonly #refusals: Refusals
  readonly #all = new Map<string, Guest>()
  readonly #strangers = new Set<Guest>()

  constructor(limits: FrontDoorOptions['limits'], refusals: Refusals) {
    this.#limits = limits
    this.#refusals = refusals
  }

  find(peer: string): Guest | undefined {
    return this.#all.get(peer)
  }

  enter(socket: Socket): Guest | undefined {
    const peer = nameOf(socket)
    if (socket.destroyed || socket.remoteAddress === undefined) return undefined
    const guest = new Guest(peer, socket, (busy) => (busy ? this.#strangers.delete(guest) : this.#watch(guest)))
    // The name leaves out our own address, of which there may be several: no stream may be judged by another's certificate.
    this.#all.get(peer)?.destroy()
    this.#all.set(peer, guest)
    socket.once('close', () => {
      guest.forget()
      this.#strangers.delete(guest)
      if (this.#all.get(peer) === guest) this.#all.delete(peer)
    })
    this.#watch(guest)
    return guest
  }

  /** False for one that does not speak HTTP/2. */
  secure(socket: TLSSocket): boolean {
    const guest = this.#all.get(nameOf(socket))
    if (guest && socket.alpnProtocol === 'h2') {
      guest.secured(socket)
      return true
    }
    if (guest) this.#turnAway(guest, 'no_http2')
    else socket.destroy()
    return false
  }

  destroy(): void {
    for (const guest of this.#all.values()) guest.destroy()
  }

  #watch(guest: Guest): void {
    this.#strangers.add(guest)
    guest.wait(this.#limits.strangerMs, () => this.#turnAway(guest, 'no_stream'))
    const [oldest] = this.#strangers
    if (oldest && this.#strangers.size > this.#limits.maxStrangers) this.#turnAway(oldest, 'too_many_strangers')
  }

  #turnAway(guest: Guest, reason: 'no_http2' | 'no_stream' | 'too_many_strangers'): void {
    this.#strangers.delete(guest)
    this.#refusals.refuse(reason, { peer: guest.peer })
    guest.destroy()
  }
}

class Guest implements Connection {
  readonly peer: string
  certificate: X509Certificate | undefined
  distrust: string | undefined
  streams = 0
  #socket: Socket
  #timer: NodeJS.Timeout | undefined
  readonly #onBusy: (busy: boolean) => void

  constructor(peer: string, socket: Socket, onBusy: (busy: boolean) => void) {
    this.peer = peer
    this.#socket = socket
    this.#onBusy = onBusy
  }

  secured(socket: TLSSocket): void {
    this.#socket = socket
    this.certificate = socket.getPeerX509Certificate()
    // Named so, and a text at run time: the type says an error.
    if (!socket.authorized && this.certificate) this.distrust = String(socket.authorizationError)
  }

  enter(): void {
    this.streams += 1
    clearTimeout(this.#timer)
    if (this.streams === 1) this.#onBusy(true)
  }

  leave(): void {
    this.streams -= 1
    if (this.streams === 0 && !this.#socket.destroyed) this.#onBusy(false)
  }

  wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, ms).unref()
  }

  end(): void {
    this.wait(lingerMs, () => this.destroy())
  }

  destroy(): void {
    this.#socket.destroy()
  }

  forget(): void {
    clearTimeout(this.#timer)
  }
}
