// Between Envoy and an xds-server: passes every byte on as it is, pings and broken connections included, and keeps what
// was said, so that a test can tell which resources crossed the wire, and hold them back for a while.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createWireReader, decodeRequest, decodeResponse, type XdsMessage, type XdsRequest } from './xds-wire.ts'

/** All that they carry, as `<type> <name>`, with `-` before what is removed. */
export const resourcesIn = (messages: readonly XdsMessage[]): string[] =>
  messages.flatMap(({ typeUrl, resources, removed }) => {
    const type = typeUrl.slice(typeUrl.lastIndexOf('.') + 1)
    return [...resources.map(({ name }) => `${type} ${name}`), ...removed.map((name) => `-${type} ${name}`)]
  })

export interface XdsTap extends AsyncDisposable {
  readonly port: number
  /** All that the server sent, on all streams, in order. */
  readonly messages: readonly XdsMessage[]
  /** How many streams Envoy opened. */
  readonly streams: number
  /** What the server sends waits until `release`. */
  hold(): void
  release(): void
}

/** Is told what is said as it is said; `stream` is a name of no other stream. */
export interface XdsListener {
  sent(stream: string, message: XdsMessage): void
  asked(stream: string, request: XdsRequest): void
}

/** `target`: the server's port; nobody need listen there yet. */
export async function startXdsTap(target: number, listener?: XdsListener): Promise<XdsTap> {
  const messages: XdsMessage[] = []
  const upstreams = new Set<Socket>()
  let connections = 0
  let streams = 0
  let held = false
  const server = createServer((downstream) => {
    const upstream = connect({ port: target, host: '127.0.0.1' })
    connections += 1
    const nameOf = (
      (connection) => (stream: number) =>
        `${target}/${connection}/${stream}`
    )(connections)
    const readAnswers = createWireReader({
      onMessage(stream, bytes) {
        const message = decodeResponse(bytes)
        messages.push(message)
        listener?.sent(nameOf(stream), message)
      },
    })
    const readRequests = createWireReader({
      onStream: () => (streams += 1),
      onMessage: (stream, bytes) => listener?.asked(nameOf(stream), decodeRequest(bytes)),
    })
    pass(upstream, downstream, readAnswers)
    pass(downstream, upstream, readRequests)
    upstreams.add(upstream)
    upstream.once('close', () => upstreams.delete(upstream))
    if (held) upstream.pause()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    get streams() {
      return streams
    },
    hold() {
      held = true
      for (const upstream of upstreams) upstream.pause()
    },
    release() {
      held = false
      for (const upstream of upstreams) upstream.resume()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server.close(), 'close')
      for (const upstream of upstreams) upstream.destroy()
      await closed
    },
  }
}

/** Whatever ends one side ends the other, behind the last bytes. */
function pass(from: Socket, to: Socket, read: (chunk: Buffer) => void): void {
  from.on('data', (chunk: Buffer) => {
    to.write(chunk)
    read(chunk)
  })
  from.on('error', () => {})
  from.once('close', () => to.destroySoon())
}
