// A real Envoy that is asked to end, under load: it answers everything that it takes, tells its clients to go, and holds
// back its answer until they have gone.

import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, get as plainGet } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { exchange, freePorts, until } from '@penstock/testkit'
import { attachment, listener, rule, service, to } from './records.ts'
import { type Rig, startRig } from './rig.ts'

jest.setTimeout(60_000)

const secret = 'secret-of-this-fleet'
const slowMs = 7_000
let stack: AsyncDisposableStack
let [port, readyPort, adminPort] = [0, 0, 0]

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  ;[port = 0, readyPort = 0, adminPort = 0] = await freePorts(3)
})
afterEach(async () => stack.disposeAsync())

/** `/slow` is answered late, everything else at once. */
async function startBackend(): Promise<number> {
  const server = createServer(({ url }, response) => {
    setTimeout(() => response.end('done'), url === '/slow' ? slowMs : 0)
  })
  // A connection that Envoy keeps must not end while it takes it up again.
  server.keepAliveTimeout = 0
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stack.defer(() => server.close().closeAllConnections())
  return (server.address() as AddressInfo).port
}

async function start(longestSeconds: number): Promise<Rig> {
  const http = listener('http', { port })
  const records = [
    http,
    rule('all', [attachment(http, '')], { backends: [to('backend')] }),
    ...service('backend', [await startBackend()]),
  ]
  return stack.use(await startRig(records, { bootstrap: { adminPort, readyPort, drain: { secret, longestSeconds } } }))
}

interface Drained {
  readonly status: number
  readonly afterMs: number
}

async function drain(): Promise<Drained> {
  const began = performance.now()
  // The kubelet's request, which waits for as long as it takes.
  const sent = plainGet({ port: readyPort, path: `/drain/${secret}`, agent: false })
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  return { status: answer.statusCode ?? 0, afterMs: performance.now() - began }
}

/** Requests on a connection that is kept, and on connections of their own. */
function http1(agent: Agent | false) {
  return async (path = '/'): Promise<string> => {
    const [answer] = (await once(plainGet({ port, path, agent }), 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk as Buffer)
    return `${answer.statusCode} ${Buffer.concat(chunks).toString()}`
  }
}

/** Over one connection until its server asks to go, then over the next. */
function http2() {
  let session: ClientHttp2Session | undefined
  let goneAway = 0
  function open(): ClientHttp2Session {
    if (session && !session.closed && !session.destroyed) return session
    const opened = connectHttp2(`http://127.0.0.1:${port}`)
    opened.on('error', () => {})
    opened.on('goaway', () => {
      goneAway += 1
      if (session === opened) session = undefined
    })
    stack.defer(() => opened.destroy())
    session = opened
    return opened
  }
  async function ask(): Promise<string> {
    const request = open().request({ ':path': '/' })
    const head = once(request, 'response') as Promise<[{ ':status'?: number }]>
    try {
      const [{ ':status': status }] = await head
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      return `${status} ${Buffer.concat(chunks).toString()}`
    } catch (error) {
      // It crossed the GOAWAY and was never taken up: every client asks again (RFC 9113 section 8.7).
      if (request.rstCode === constants.NGHTTP2_REFUSED_STREAM) return ask()
      throw error
    }
  }
  return {
    ask,
    get goneAway() {
      return goneAway
    },
  }
}

/** About 200 requests in a second, of three kinds. */
function startLoad() {
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  stack.defer(() => agent.destroy())
  const [kept, fresh, streams] = [http1(agent), http1(false), http2()]
  const answers = new Map<string, number>()
  const pending = new Set<Promise<void>>()
  function count(kind: string, answer: Promise<string>): void {
    const counted = answer
      .catch((error: unknown) => String(error))
      .then((text) => {
        answers.set(`${kind}: ${text}`, (answers.get(`${kind}: ${text}`) ?? 0) + 1)
        pending.delete(counted)
      })
    pending.add(counted)
  }
  const timer = setInterval(() => {
    count('kept', kept())
    count('new', fresh())
    count('http2', streams.ask())
  }, 15)
  stack.defer(() => clearInterval(timer))
  return {
    slow: () => count('slow', kept('/slow')),
    /** Rightly. */
    answered: (kind: string): number => answers.get(`${kind}: 200 done`) ?? 0,
    streams,
    async stop(): Promise<ReadonlyMap<string, number>> {
      clearInterval(timer)
      await Promise.all(pending)
      return answers
    },
  }
}

it('answers everything that it takes, and tells when all its clients have gone', async () => {
  // Longer than this test may take: it is over because nobody is left.
  const { envoy } = await start(600)
  const load = startLoad()
  await until('all kinds are answered', () => ['kept', 'new', 'http2'].every((kind) => load.answered(kind) > 20))
  for (let request = 0; request < 5; request += 1) load.slow()
  const drained = drain()
  // The other nodes have not heard of it: clients that were sent away come again.
  await until('clients are sent away', () => load.streams.goneAway > 1)
  const answers = load.stop()
  const { status } = await drained
  expect([status, load.answered('slow')]).toEqual([204, 5])
  process.kill(envoy.pid, 'SIGTERM')
  const unanswered = [...(await answers).keys()].filter((answer) => !answer.endsWith(': 200 done'))
  expect(unanswered).toEqual([])
})

it('waits no longer than it may for a client that stays', async () => {
  await start(6)
  const idle = connect(port, '127.0.0.1')
  stack.defer(() => void idle.destroy())
  await once(idle, 'connect')
  const { status, afterMs } = await drain()
  expect(status).toBe(204)
  expect(afterMs).toBeGreaterThanOrEqual(5_900)
})

it('goes on as before for whoever does not know the secret', async () => {
  await start(1)
  for (const path of ['/drain', '/drain/', '/drain/guess', `/drain/${secret}/x`]) {
    expect(await exchange({ port: readyPort, path })).toMatchObject({ status: 404 })
  }
  const agent = new Agent({ keepAlive: true })
  stack.defer(() => agent.destroy())
  const [answer] = (await once(plainGet({ port, agent }), 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.headers.connection).toBeUndefined()
})
