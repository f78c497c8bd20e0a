// What Envoy and its xds-server say to each other, read off the bytes of their connection: HTTP/2 frames (RFC 9113, 4.1),
// gRPC messages in them, and the two messages of incremental ADS. No headers are read, so nothing is kept between frames.

export interface XdsResource {
  readonly name: string
  readonly version: string
  /** The encoded message, out of its Any. */
  readonly body: Uint8Array
}

/** DeltaDiscoveryResponse: what the server sends. */
export interface XdsMessage {
  readonly typeUrl: string
  readonly nonce: string
  readonly resources: readonly XdsResource[]
  readonly removed: readonly string[]
}

/** DeltaDiscoveryRequest: what Envoy asks and answers. */
export interface XdsRequest {
  readonly typeUrl: string
  /** Of the response that this answers; empty: it answers none. */
  readonly nonce: string
  readonly refused: boolean
  readonly subscribed: readonly string[]
  readonly unsubscribed: readonly string[]
  /** What Envoy has from before this stream, with its version. */
  readonly has: readonly (readonly [name: string, version: string])[]
}

/** `stream` tells the streams of one connection apart. */
export interface WireReader {
  /** Envoy opened a stream; only its side says so. */
  onStream?(stream: number): void
  onMessage(stream: number, message: Buffer): void
}

/** The client says hello with these bytes before its first frame. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const [dataFrame, headersFrame] = [0, 1]

/** Takes one side of a connection, piece by piece. Neither gRPC nor Envoy pads its frames. */
export function createWireReader({ onStream, onMessage }: WireReader): (chunk: Buffer) => void {
  const messages = new Map<number, (chunk: Buffer) => void>()
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    if (rest.subarray(0, 3).toString() === 'PRI') {
      if (rest.length < preface.length) return
      rest = rest.subarray(preface.length)
    }
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      const [type, stream] = [rest.readUInt8(3), rest.readUInt32BE(5)]
      if (type === headersFrame) onStream?.(stream)
      if (type === dataFrame) {
        const read = messages.get(stream) ?? messageReader((message) => onMessage(stream, message))
        messages.set(stream, read)
        read(rest.subarray(9, end))
      }
      rest = rest.subarray(end)
    }
  }
}

/** gRPC: each message has five bytes before it, one flag (compressed: never) and its length. */
function messageReader(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1)
      onMessage(rest.subarray(5, end))
      rest = rest.subarray(end)
    }
  }
}

/** resources = 2, type_url = 4, nonce = 5, removed_resources = 6. */
export function decodeResponse(bytes: Buffer): XdsMessage {
  const all = fieldsOf(bytes)
  return {
    typeUrl: text(all(4)),
    nonce: text(all(5)),
    resources: all(2).map(decodeResource),
    removed: all(6).map(String),
  }
}

/** Resource: version = 1, resource = 2 (an Any, whose value = 2), name = 3. */
function decodeResource(bytes: Buffer): XdsResource {
  const all = fieldsOf(bytes)
  const [any = Buffer.alloc(0)] = all(2)
  const [body = Buffer.alloc(0)] = fieldsOf(any)(2)
  return { name: text(all(3)), version: text(all(1)), body }
}

/** type_url = 2, subscribe = 3, unsubscribe = 4, initial versions = 5 (key = 1, value = 2), nonce = 6, error_detail = 7. */
export function decodeRequest(bytes: Buffer): XdsRequest {
  const all = fieldsOf(bytes)
  return {
    typeUrl: text(all(2)),
    nonce: text(all(6)),
    refused: all(7).length > 0,
    subscribed: all(3).map(String),
    unsubscribed: all(4).map(String),
    has: all(5).map((entry) => [text(fieldsOf(entry)(1)), text(fieldsOf(entry)(2))] as const),
  }
}

const text = ([bytes]: readonly (Buffer | undefined)[]): string => bytes?.toString() ?? ''

function fieldsOf(bytes: Buffer): (wanted: number) => Buffer[] {
  const all = [...fields(bytes)]
  return (wanted) => all.filter(([number]) => number === wanted).map(([, value]) => value)
}

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
