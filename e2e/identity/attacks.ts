// What an enemy of an xds-server sends: from noise to messages that are nearly right. Each attack ends by itself, and none
// says whether it worked: that is for the server's other proxies to show.
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { deflateSync, gzipSync } from 'node:zlib'
import { fleet } from '@penstock/delivery/rig'
import { envoyTypes } from '@penstock/plane-envoy'
import { type DeltaRequest, encodeDeltaRequest } from '@penstock/xds'
import type { Random } from './random.ts'
import { host, type Shown } from './scene.ts'

export interface Target {
  readonly port: number
  readonly identities: ReadonlyMap<string, Shown>
  /** A request as a proxy would send it. */
  readonly request: Buffer
}

export type Attack = (target: Target, random: Random) => Promise<void>

const patienceMs = 150
const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Hears nothing and fears nothing. */
async function leaveSoon(socket: Socket): Promise<void> {
  await Promise.race([once(socket, 'close').catch(() => {}), pause(patienceMs)])
  socket.destroy()
}

function tlsOf({ ca, certificate, key }: Shown) {
  return {
    ...{ ca, rejectUnauthorized: false, ALPNProtocols: ['h2'] },
    ...(certificate !== undefined && { cert: certificate, key }),
  }
}

const noise: Attack = async ({ port }, random) => {
  const socket = connect(port, host).on('error', () => {})
  socket.write(random.bytes(random.upTo(2_000)))
  await leaveSoon(socket)
}

/** TLS that begins and does not go on. */
const halfOpen: Attack = async ({ port }, random) => {
  const socket = connect(port, host).on('error', () => {})
  const hello = Buffer.concat([
    Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03),
    random.bytes(32),
  ])
  socket.write(hello.subarray(0, random.upTo(hello.length)))
  await leaveSoon(socket)
}

/** Frames of HTTP/2 with a head that is right and anything in them. */
const frames: Attack = async ({ port, identities }, random) => {
  const socket = connectTls({ host, port, ...tlsOf(random.of([...identities.values()])) }).on('error', () => {})
  socket.write(preface)
  for (let count = random.upTo(20); count > 0; count -= 1) {
    const body = random.bytes(random.upTo(200))
    const head = Buffer.alloc(9)
    head.writeUIntBE(random.upTo(10) === 0 ? 0xffffff : body.length, 0, 3)
    head.writeUInt8(random.upTo(12), 3)
    head.writeUInt8(random.upTo(256), 4)
    head.writeUInt32BE(random.upTo(8), 5)
    socket.write(Buffer.concat([head, body]))
  }
  await leaveSoon(socket)
}

async function onSession(
  { port, identities }: Target,
  shown: Shown | undefined,
  act: (session: ClientHttp2Session) => Promise<void>,
): Promise<void> {
  const session = connectHttp2(`https://${host}:${port}`, tlsOf(shown ?? (identities.get('good') as Shown)))
  session.on('error', () => {})
  try {
    await Promise.race([act(session), pause(4 * patienceMs)])
  } finally {
    session.destroy()
  }
}

function open(session: ClientHttp2Session, headers: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
  const all = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers }
  return session
    .request(all)
    .on('error', () => {})
    .resume()
}

const message = (body: Buffer, isCompressed = false): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt8(isCompressed ? 1 : 0, 0)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

const ended = (stream: ClientHttp2Stream): Promise<unknown> =>
  Promise.race([once(stream, 'close').catch(() => {}), pause(patienceMs)])

/** Nearly right: bits flipped, bytes doubled, cut off, or lengths that lie. */
const mutated: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    const stream = open(session)
    for (let count = 1 + random.upTo(8); count > 0; count -= 1) {
      const bytes = random.mutate(target.request)
      stream.write(random.upTo(4) === 0 ? random.mutate(message(bytes)) : message(bytes))
    }
    await ended(stream)
  })

/** Small on the wire, and larger than any request may be. */
const bombs = [gzipSync(Buffer.alloc(20_000_000)), deflateSync(Buffer.alloc(20_000_000))]

const compressed: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    const encoding = random.of(['gzip', 'deflate', 'br', 'x', 'identity'])
    const stream = open(session, { 'grpc-encoding': encoding })
    const bomb = random.of(bombs)
    stream.write(message(random.upTo(3) === 0 ? random.mutate(bomb) : bomb, true))
    await ended(stream)
  })

/** One value within another, thousands deep, where a node's metadata would be. */
const deep: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    let body: Buffer = Buffer.alloc(0)
    for (let depth = random.upTo(4_000); depth > 0; depth -= 1) {
      body = field(random.of([1, 2, 3, 5, 6]), body)
    }
    const stream = open(session)
    stream.write(message(field(1, field(3, body))))
    await ended(stream)
  })

/** What no proxy would say, in good order: nodes that are missing or change, names without end, answers to nothing. */
const liar: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    const stream = open(session)
    for (let count = 1 + random.upTo(30); count > 0; count -= 1) stream.write(message(encodeDeltaRequest(lie(random))))
    await ended(stream)
  })

const word = (random: Random): string =>
  random.of([
    '',
    '*',
    'a',
    '__proto__',
    'constructor',
    'x'.repeat(random.upTo(5_000)),
    random.bytes(8).toString('latin1'),
  ])

function lie(random: Random): DeltaRequest {
  const words = (): string[] => Array.from({ length: random.upTo(50) }, () => word(random))
  const types = [...Object.values(envoyTypes), word(random)]
  return {
    typeUrl: random.of(types),
    responseNonce: random.of(['', '1', String(random.upTo(100)), word(random)]),
    resourceNamesSubscribe: words(),
    resourceNamesUnsubscribe: words(),
    initialResourceVersions: Object.fromEntries(words().map((name) => [name, word(random)])),
    ...(random.upTo(3) > 0 && {
      node: { id: random.of(['enemy', word(random)]), cluster: random.of([fleet, word(random)]) },
    }),
    ...(random.upTo(4) === 0 && { errorDetail: { code: random.upTo(20), message: word(random) } }),
  }
}

function field(number: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest > 127 ? (rest % 128) + 128 : rest)
    if (rest < 128) break
  }
  return Buffer.concat([Buffer.of(number * 8 + 2, ...length), body])
}

const wrongCalls: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    const headers = random.of<Record<string, string>>([
      { ':path': '/nobody/Home' },
      { ':path': path.replace('Delta', 'Stream') },
      { ':method': 'GET' },
      { 'content-type': 'text/html' },
      { 'grpc-timeout': '0n' },
      { 'grpc-timeout': 'soon' },
      { 'x-large': 'x'.repeat(12_000) },
      { authorization: `Bearer ${random.bytes(60).toString('base64')}` },
    ])
    const stream = open(session, headers)
    if (!stream.destroyed) stream.write(message(target.request))
    await ended(stream)
  })

/** Streams that are opened and dropped, faster than they are served. */
const reset: Attack = (target, random) =>
  onSession(target, undefined, async (session) => {
    for (let count = random.upTo(300); count > 0 && !session.destroyed; count -= 1) {
      const stream = open(session)
      stream.write(message(target.request))
      stream.close(8)
    }
    await pause(20)
  })

/** A right request, with what another should have. */
const impostor: Attack = (target, random) => {
  const wrong = [...target.identities].flatMap(([name, shown]) => (name === 'good' ? [] : [shown]))
  return onSession(target, random.of(wrong), async (session) => {
    const stream = open(session)
    stream.write(message(target.request))
    await ended(stream)
  })
}

export const attacks: Readonly<Record<string, Attack>> = {
  ...{ noise, halfOpen, frames, mutated, compressed, deep, liar, wrongCalls, reset, impostor },
}
