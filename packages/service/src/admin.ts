// The port for operators: /livez /readyz /metrics /log-level and /debug/*. It opens before the service starts and closes
// last. It shows internals, so it listens on the loopback address unless a setting says otherwise, and what shows them, or
// changes anything, is behind the door of debug-door.ts.
import type { AddressInfo } from 'node:net'
import { Fault } from '@penstock/fault'
import fastify, { type FastifyInstance } from 'fastify'
import { createDebugDoor, type DebugDoor } from './debug-door.ts'
import { debugJson } from './debug-json.ts'
import type { Health } from './health.ts'
import type { Log } from './log.ts'
import { addLogLevel } from './log-level.ts'
import type { Metrics } from './metrics.ts'

export interface DebugRequest {
  /** What follows the page's path, decoded; it may hold slashes, as record keys do. */
  readonly rest: string
  readonly query: Readonly<Record<string, string | undefined>>
}

export interface Admin {
  /** The port that is listened on. */
  readonly port: number
  /** Adds a page under `/debug/`; it answers with anything that `debugJson` can show, `undefined` is a 404. */
  debug(path: string, page: (request: DebugRequest) => unknown): void
}

export interface AdminOptions {
  readonly host: string
  readonly port: number
  /** The variable that moves the port, for who finds it taken. */
  readonly portVariable: string
  /** What opens the pages under `/debug`, and the variable that names it. Empty: they are closed. */
  readonly debugTokenFile: string
  readonly debugTokenVariable: string
  readonly health: Health
  readonly log: Log
  readonly metrics: Metrics
}

interface Page {
  Params: { '*': string }
  Querystring: Record<string, string>
}

type Pages = Map<string, (request: DebugRequest) => unknown>

export async function createAdmin(options: AdminOptions): Promise<Admin & AsyncDisposable> {
  const app = fastify({ logger: false, forceCloseConnections: true })
  const pages: Pages = new Map()
  const door = createDebugDoor({
    tokenFile: options.debugTokenFile,
    tokenVariable: options.debugTokenVariable,
    refusals: options.metrics.meter.counter(
      'penstock_debug_refusals_total',
      'Requests for debug pages, or to change the log level, without the right token, by reason',
      ['reason'],
    ),
  })
  addProbes(app, options)
  addLogLevel(app, options.log, door)
  addDebug(app, pages, door)
  const port = await listen(app, options)
  return {
    port,
    debug: (path, page) => void pages.set(path.replace(/^\/+|\/+$/g, ''), page),
    [Symbol.asyncDispose]: () => app.close(),
  }
}

async function listen(app: FastifyInstance, { host, port, portVariable }: AdminOptions): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause
    throw new Fault('port_in_use', `port ${port} on ${host} is taken; ${portVariable} moves it`, { cause })
  }
  return (app.server.address() as AddressInfo).port
}

function addProbes(app: FastifyInstance, { health, metrics }: AdminOptions): void {
  app.get('/livez', () => ({ alive: true }))
  app.get('/readyz', (_, reply) => {
    reply.code(health.ready ? 200 : 503)
    return { ready: health.ready, checks: health.checks }
  })
  app.get('/metrics', async (_, reply) => {
    reply.type(metrics.contentType)
    return metrics.text()
  })
}

/** The pages come while the service starts, when the routes of the server are fixed: hence a table of their own. */
function addDebug(app: FastifyInstance, pages: Pages, onRequest: DebugDoor): void {
  const directory = (): unknown => ({ pages: [...pages.keys()].sort().map((path) => `/debug/${path}`) })
  app.get('/debug', { onRequest }, directory)
  app.get<Page>('/debug/*', { onRequest }, async (request, reply) => {
    const asked = request.params['*']
    if (asked === '') return directory()
    const path = [...pages.keys()]
      .filter((one) => asked === one || asked.startsWith(`${one}/`))
      .reduce((longest, one) => (one.length > longest.length ? one : longest), '')
    const answer: unknown = await pages.get(path)?.({ rest: asked.slice(path.length + 1), query: request.query })
    if (answer === undefined) return reply.code(404).send({ error: `nothing at /debug/${asked}` })
    return reply.type('application/json; charset=utf-8').send(debugJson(answer))
  })
}
