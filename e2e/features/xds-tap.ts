// Between Envoy and the xds-server: passes everything on and keeps what the server sent, so that a test can say which
// resources crossed the wire, byte by byte, and hold them back for a while.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface XdsResource {
  readonly name: string
  readonly version: string
  /** The encoded message, out of its Any. */
  readonly body: Uint8Array
}

export interface XdsMessage {
  readonly typeUrl: string
  readonly resources: readonly XdsResource[]
  readonly removed: readonly string[]
}

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

interface TapState {
  readonly messages: XdsMessage[]
  readonly upstreams: Set<Pausable>
  streams: number
  held: boolean
}

interface Pausable {
  pause(): void
  resume(): void
}

/** `target`: the server's port; nobody need listen there yet. */
export async function startXdsTap(target: number): Promise<XdsTap> {
  const state: TapState = { messages: [], upstreams: new Set(), streams: 0, held: false }
  const sessions = new Set<{ destroy(): void }>()
  const server = createServer()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
    session.once('close', () => sessions.delete(session))
  })
  server.on('stream', (downstream, headers) => {
    state.streams += 1
    const session = connect(`http://127.0.0.1:${target}`)
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
    passOn({ downstream, session, headers, state })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    messages: state.messages,
    get streams() {
      return state.streams
    },
    hold() {
      state.held = true
      for (const upstream of state.upstreams) upstream.pause()
    },
    release() {
      state.held = false
      for (const upstream of state.upstreams) upstream.resume()
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Passage {
  downstream: ServerHttp2Stream
  session: ClientHttp2Session
  headers: Record<string, unknown>
  state: TapState
}

function passOn({ downstream, session, headers, state }: Passage): void {
  const upstream = session.request(headers as never)
  const keep = messageReader((message) => state.messages.push(message))
  let trailers: object = {}
  const end = (): void => {
    state.upstreams.delete(upstream)
    downstream.close()
    session.destroy()
  }
  for (const part of [session, upstream, downstream]) part.on('error', end)
  upstream.once('response', (answer) => downstream.respond(answer, { waitForTrailers: true }))
  upstream.once('trailers', (answer) => (trailers = answer))
  upstream.on('data', (chunk: Buffer) => {
    keep(chunk)
    downstream.write(chunk)
  })
  upstream.once('end', () => downstream.end())
  upstream.once('close', end)
  downstream.on('wantTrailers', () => downstream.sendTrailers(trailers as never))
  downstream.on('data', (chunk: Buffer) => upstream.write(chunk))
  downstream.once('end', () => upstream.end())
  downstream.once('close', end)
  state.upstreams.add(upstream)
  if (state.held) upstream.pause()
}

/** gRPC: each message has five bytes before it, one flag (compressed: never) and its length. */
function messageReader(onMessage: (message: XdsMessage) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1)
      onMessage(decodeResponse(rest.subarray(5, end)))
      rest = rest.subarray(end)
    }
  }
}

/** DeltaDiscoveryResponse: resources = 2, type_url = 4, removed_resources = 6. */
function decodeResponse(bytes: Buffer): XdsMessage {
  const all = [...fields(bytes)]
  const of = (wanted: number): Buffer[] => all.filter(([number]) => number === wanted).map(([, value]) => value)
  return { typeUrl: text(of(4)), resources: of(2).map(decodeResource), removed: of(6).map(String) }
}

/** Resource: version = 1, resource = 2 (an Any, whose value = 2), name = 3. */
function decodeResource(bytes: Buffer): XdsResource {
  const found = new Map(fields(bytes))
  const any = new Map(fields(found.get(2) ?? Buffer.alloc(0)))
  return { name: text([found.get(3)]), version: text([found.get(1)]), body: any.get(2) ?? Buffer.alloc(0) }
}

const text = ([bytes]: readonly (Buffer | undefined)[]): string => bytes?.toString() ?? ''

/** Every field of these messages is a text or a message, so it has a length. */
function* fields(bytes: Buffer): Iterable<[number, Buffer]> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const number = Math.floor(varint() / 8)
    const length = varint()
    yield [number, bytes.subarray(at, (at += length))]
  }
}
