// Streams through Envoy that are opened once and must last: something is said every 100 ms, and its echo waited for.
import { once } from 'node:events'
import { connect } from 'node:http2'
import { until } from '@penstock/testkit'

export interface HeldStream {
  readonly name: string
  readonly echoes: number
  readonly longestGapMs: number
  /** Ends it in order, once everything that was said has come back. */
  close(): Promise<void>
}

interface Talk {
  /** A number comes back. */
  heard(value: number): void
  /** The stream ended. */
  ended(why: string): void
}

interface Line {
  say(value: number): void
  /** Ends it, and resolves when the other side has. */
  hangUp(): Promise<void>
}

const everyMs = 100

/** Rejects where none can be opened; later `onCut` is told how it failed: that it ended, or what did not come back. */
export async function holdStream(
  name: string,
  open: (talk: Talk) => Promise<Line>,
  onCut: (why: string) => void,
): Promise<HeldStream> {
  const openedMs = performance.now()
  let [said, echoes, longestGapMs, lastMs] = [0, 0, 0, performance.now()]
  let closing = false
  const line = await open({
    heard(value) {
      if (value !== echoes) onCut(`${name}: echo ${value} came back where ${echoes} was due`)
      const nowMs = performance.now()
      longestGapMs = Math.max(longestGapMs, nowMs - lastMs)
      lastMs = nowMs
      echoes += 1
    },
    ended(why) {
      clearInterval(timer)
      const age = ((performance.now() - openedMs) / 1_000).toFixed(1)
      if (!closing) onCut(`${name} was cut at the age of ${age} s: ${why}`)
    },
  })
  const timer = setInterval(() => line.say(said++), everyMs)
  return {
    name,
    get echoes() {
      return echoes
    },
    get longestGapMs() {
      return longestGapMs
    },
    async close() {
      clearInterval(timer)
      await until(`${name}: all that was said has come back`, () => echoes === said).catch((error: Error) =>
        onCut(error.message),
      )
      closing = true
      await line.hangUp()
    },
  }
}

export const webSocket =
  (url: string) =>
  async (talk: Talk): Promise<Line> => {
    const socket = new WebSocket(url)
    const closed = once(socket, 'close')
    socket.addEventListener('message', ({ data }) => talk.heard(Number(data)))
    await firstOf(once(socket, 'open'), closed)
    socket.addEventListener('close', ({ code, reason }) => talk.ended(`closed with ${code} ${reason}`))
    return {
      say: (value) => socket.send(String(value)),
      async hangUp() {
        socket.close()
        await closed
      },
    }
  }

/** One bidirectional method, over cleartext HTTP/2. A message is five bytes (no compression, length) and a number. */
export const grpcStream =
  (origin: string, authority: string) =>
  async (talk: Talk): Promise<Line> => {
    const session = connect(origin)
    const head = { ':method': 'POST', ':path': '/chaos.Echo/Chat', ':authority': authority, te: 'trailers' }
    const stream = session.request({ ...head, 'content-type': 'application/grpc' })
    let status = 'none'
    let why = 'ended'
    for (const part of [session, stream]) part.on('error', (error: Error) => (why = error.message))
    stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'])))
    const closed = new Promise((resolve) => stream.once('close', resolve))
    await firstOf(once(stream, 'response'), closed)
    stream.once('close', () => talk.ended(`${why}, grpc-status ${status}`))
    let rest: Buffer = Buffer.alloc(0)
    stream.on('data', (chunk: Buffer) => {
      for (rest = Buffer.concat([rest, chunk]); rest.length >= messageLength; rest = rest.subarray(messageLength)) {
        talk.heard(rest.readUInt32BE(5))
      }
    })
    return {
      say(value) {
        const message = Buffer.alloc(messageLength)
        message.writeUInt32BE(4, 1)
        message.writeUInt32BE(value, 5)
        stream.write(message)
      },
      async hangUp() {
        stream.end()
        await closed
        session.close()
      },
    }
  }

const messageLength = 9

async function firstOf(opened: Promise<unknown>, closed: Promise<unknown>): Promise<void> {
  const refused = closed.then(() => Promise.reject(new Error('closed before it was open')))
  await Promise.race([opened, refused])
}
