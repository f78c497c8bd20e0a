// Requests at a fixed schedule, whatever becomes of those before them (an open loop), so that a pause of the proxy shows
// as late answers and not as fewer requests.
import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

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
  /** How often it was asked anew, because its connection was lost. */
  readonly askedAgain: number
  /** What was wrong; undefined: nothing. */
  readonly failure: string | undefined
}

export interface Load {
  readonly asked: number
  /** For how long. */
  readonly runMs: number
  /** Asks what is due until now. Resolves when all are answered. */
  stop(): Promise<void>
}

const timeoutMs = 10_000
/** What a client does that asks again: it waits for less, and asks on another connection. */
const patience = { attemptMs: 1_500, attempts: 8, pauseMs: 100 }
/** Every tenth opens a connection of its own. */
const newConnectionEvery = 10

export interface LoadOptions {
  readonly targets: readonly Target[]
  readonly perSecond: number
  /** Clients ask again now when their connection is lost, as they do of anything that may end. Default: never. */
  asksAgain?(): boolean
  onScheduled(): (outcome: Outcome) => void
}

export function startLoad({ targets, perSecond, asksAgain = () => false, onScheduled }: LoadOptions): Load {
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
      const asking: Promise<void> = askPatiently({ target, n: asked, agent }, asksAgain).then((end) => {
        record({ asked: what, scheduledMs, latencyMs: performance.now() - scheduledMs, ...end })
        open.delete(asking)
      })
      open.add(asking)
    }
  }
  const tick = (): void => {
    askDue()
    timer = setTimeout(tick, intervalMs)
  }
  tick()
  return {
    get asked() {
      return asked
    },
    get runMs() {
      return (endedMs ?? performance.now()) - startedMs
    },
    async stop() {
      clearTimeout(timer)
      if (endedMs === undefined) {
        endedMs = performance.now()
        askDue()
      }
      await Promise.all(open)
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

const openedMs = new WeakMap<Socket, number>()

interface Question {
  readonly target: Target
  readonly n: number
  readonly agent: PlainAgent | false
}

interface Failure {
  readonly why: string
  /** Before the whole answer was there. */
  readonly lostConnection: boolean
}

/** An answer is never asked for again, whatever it says. */
async function askPatiently(
  question: Question,
  asksAgain: () => boolean,
): Promise<Pick<Outcome, 'failure' | 'askedAgain'>> {
  for (let askedAgain = 0; ; askedAgain += 1) {
    const fresh = askedAgain === 0 ? question : { ...question, agent: false as const }
    const failure = await ask(fresh, asksAgain() ? patience.attemptMs : timeoutMs)
    const isLast = !failure?.lostConnection || askedAgain === patience.attempts || !asksAgain()
    if (isLast) return { failure: failure?.why, askedAgain }
    await delay(patience.pauseMs)
  }
}

/** What is wrong with the answer, if something is. */
function ask({ target, n, agent }: Question, patienceMs: number): Promise<Failure | undefined> {
  const { address = '127.0.0.1', port, tls = false, backends } = target
  const host = target.host(n)
  const options = { host: address, port, headers: { host }, agent, timeout: patienceMs }
  return new Promise((resolve) => {
    const sent = tls ? tlsRequest({ ...options, servername: host, rejectUnauthorized: false }) : plainRequest(options)
    const fail = (what: string, lostConnection: boolean): void => {
      const age = sent.socket ? openedMs.get(sent.socket) : undefined
      const connection =
        age === undefined ? 'no connection' : `connection of ${(performance.now() - age).toFixed(0)} ms`
      resolve({ why: `${what}, ${connection}`, lostConnection })
    }
    sent.once('socket', (socket) => {
      if (!openedMs.has(socket)) openedMs.set(socket, performance.now())
    })
    sent.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, true))
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${patienceMs} ms`)))
    sent.once('response', (answer: IncomingMessage) => {
      const backend = String(answer.headers['x-backend-name'])
      let body = ''
      answer.once('error', (error) => fail(error.message, true))
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.once('end', () => {
        if (answer.statusCode !== 200) fail(`status ${answer.statusCode}: ${body}`, false)
        else if (!backends.includes(backend)) fail(`answered by ${backend}`, false)
        else resolve(undefined)
      })
    })
    sent.end()
  })
}
