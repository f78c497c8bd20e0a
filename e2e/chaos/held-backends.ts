// Backends of streams that stay open: a WebSocket that says back what it hears, and a gRPC method that does.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'

export interface HeldBackend extends AsyncDisposable {
  readonly port: number
}

/** Default: any free port of loopback. */
export interface Place {
  readonly host?: string
  readonly port?: number
}

/** Of the handshake, RFC 6455, 1.3. */
const websocketId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The code of a frame that ends the connection. */
const closing = 8

export async function startWebSocketBackend(place?: Place): Promise<HeldBackend> {
  const sockets = new Set<Socket>()
  const server = createHttpServer()
  server.on('upgrade', (request, stream) => {
    const socket = stream as Socket
    sockets.add(socket)
    socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${websocketId}`).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
    echoFrames(socket)
  })
  return listening(server, sockets, place)
}

/** RFC 6455, 5.2: clients mask, servers do not; all messages here are short and of one frame. Closing is echoed last. */
function echoFrames(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 6) {
      const length = rest.readUInt8(1) & 0x7f
      if (rest.length < 6 + length) return
      const mask = rest.subarray(2, 6)
      const payload = rest.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
      socket.write(Buffer.concat([rest.subarray(0, 1), Buffer.of(length), payload]))
      if ((rest.readUInt8(0) & 0x0f) === closing) socket.end()
      rest = rest.subarray(6 + length)
    }
  })
}

/** Cleartext HTTP/2. The bytes of a message are those of its echo, so nothing is decoded. */
export async function startGrpcBackend(place?: Place): Promise<HeldBackend> {
  const sockets = new Set<Socket>()
  const server = createHttp2Server()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('stream', (stream) => {
    stream.on('error', () => {})
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.on('data', (message: Buffer) => stream.write(message))
    stream.once('end', () => stream.end())
  })
  return listening(server, sockets, place)
}

async function listening(
  server: ReturnType<typeof createHttpServer> | ReturnType<typeof createHttp2Server>,
  sockets: ReadonlySet<Socket>,
  { host = '127.0.0.1', port = 0 }: Place = {},
): Promise<HeldBackend> {
  await once(server.listen(port, host), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
