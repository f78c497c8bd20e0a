// Requests at a fixed schedule, whatever becomes of those before them (an open loop), so that a pause of the proxy shows
// as late answers and not as fewer requests.
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Socket } from 'node:net'

export interface Target {
  /** Default loopback. */
  readonly address?: string
  readonly port: number
  /** The n-th request asks this one. */
  host(n: number): string
  readonly tls?: boolean
  /** Names of the backends of which one must answer. */
  readonly backends: readonly string[]
}

export interface Outcome {
  readonly scheduledMs: number
  /** Host and kind of connection. */
  readonly asked: string
  /** From the scheduled time to the last byte. */
  readonly latencyMs: number
  /** What was wrong; undefined: nothing. */
  readonly failure: string | undefined
}

export interface Load {
  readonly asked: number
  /** For how long. */
  readonly runMs: number
  /** Resolves when all are answered. */
  stop(): Promise<void>
}

const timeoutMs = 10_000
/** Every tenth opens a connection of its own. */
const newConnectionEvery = 10

export interface LoadOptions {
  readonly targets: readonly Target[]
  readonly perSecond: number
  onScheduled(): (outcome: Outcome) => void
}

export function startLoad({ targets, perSecond, onScheduled }: LoadOptions): Load {
  // In turn, so that connections of every age are used.
  const kept = { keepAlive: true, scheduling: 'fifo' as const }
  const agents = { plain: new PlainAgent(kept), tls: new TlsAgent({ ...kept, rejectUnauthorized: false }) }
  const open = new Set<Promise<void>>()
  const startedMs = performance.now()
  const intervalMs = 1_000 / perSecond
  let asked = 0
  let timer: NodeJS.Timeout | undefined
  let endedMs: number | undefined
  const askDue = (): void => {
    const due = Math.floor((performance.now() - startedMs) / intervalMs)
    for (; asked < due; asked += 1) {
      const scheduledMs = startedMs + (asked + 1) * intervalMs
      const record = onScheduled()
      const target = targets[asked % targets.length]
      if (!target) continue
      const agent = asked % newConnectionEvery === 0 ? false : target.tls ? agents.tls : agents.plain
      const what = `${target.host(asked)} (${agent === false ? 'new' : 'kept'})`
      const asking: Promise<void> = ask(target, asked, agent).then((failure) => {
        record({ asked: what, scheduledMs, latencyMs: performance.now() - scheduledMs, failure })
        open.delete(asking)
      })
      open.add(asking)
    }
    timer = setTimeout(askDue, intervalMs)
  }
  askDue()
  return {
    get asked() {
      return asked
    },
    get runMs() {
      return (endedMs ?? performance.now()) - startedMs
    },
    async stop() {
      clearTimeout(timer)
      endedMs ??= performance.now()
      await Promise.all(open)
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

const openedMs = new WeakMap<Socket, number>()

/** What is wrong with the answer, if something is. */
function ask(target: Target, n: number, agent: PlainAgent | false): Promise<string | undefined> {
  const { address = '127.0.0.1', port, tls = false, backends } = target
  const host = target.host(n)
  const options = { host: address, port, headers: { host }, agent, timeout: timeoutMs }
  return new Promise((resolve) => {
    const sent = tls ? tlsRequest({ ...options, servername: host, rejectUnauthorized: false }) : plainRequest(options)
    const fail = (why: string): void => {
      const age = sent.socket ? openedMs.get(sent.socket) : undefined
      resolve(
        `${why}, ${age === undefined ? 'no connection' : `connection of ${(performance.now() - age).toFixed(0)} ms`}`,
      )
    }
    sent.once('socket', (socket) => {
      if (!openedMs.has(socket)) openedMs.set(socket, performance.now())
    })
    sent.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    sent.once('response', (answer: IncomingMessage) => {
      const backend = String(answer.headers['x-backend-name'])
      let body = ''
      answer.once('error', (error) => fail(error.message))
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.once('end', () => {
        if (answer.statusCode !== 200) fail(`status ${answer.statusCode}: ${body}`)
        else if (!backends.includes(backend)) fail(`answered by ${backend}`)
        else resolve(undefined)
      })
    })
    sent.end()
  })
}
