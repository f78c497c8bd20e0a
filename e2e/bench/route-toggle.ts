// The route-change scenario of gateway-api-bench: one route goes back and forth between two backends that serve fine all
// the time, with a header of its own for each, while requests come back to back on connections of every kind. Whatever the
// moment, an answer is a good one, and all of one version of the route.
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@penstock/testkit'
import { httpRoute, type Manifest } from '../features/manifests.ts'

export interface ToggleOptions {
  readonly gateway: string
  readonly port: number
  readonly seconds: number
  /** Puts the route where the next ones replace it. */
  write(route: Manifest): void
}

export interface ToggleReport {
  /** By kind of connection. */
  readonly requests: Readonly<Record<string, number>>
  /** What was no 200, and what never came; the first ones. */
  readonly failures: readonly string[]
  readonly failed: number
  /** Answers of one backend with the header of another's route. */
  readonly mixed: number
  readonly toggles: number
  /** Toggles of which an answer told. */
  readonly seen: number
}

const toggleHost = 'change.bench.example'
const header = 'x-toggle'
const everyMs = 200
const backends = ['v1', 'v2'] as const
const failuresKept = 20

/** Of the Gateway `gateway`; `toggle`: how often it was changed before. */
export function toggledRoute(toggle: number, gateway: string): Manifest {
  const backend = backends[toggle % backends.length] ?? backends[0]
  const answerHeaders = { [header]: `${backend} ${toggle}` }
  const route = httpRoute('change', { host: toggleHost, backends: { [backend]: 1 }, answerHeaders })
  return { ...route, spec: { ...(route['spec'] as object), parentRefs: [{ name: gateway }] } }
}

/** How many loops ask on each kind of connection. */
const loops = { 'HTTP/1.1, kept': 4, 'HTTP/1.1, new': 1, 'HTTP/2': 2 } as const
type Kind = keyof typeof loops

export async function toggleRoute({ gateway, port, seconds, write }: ToggleOptions): Promise<ToggleReport> {
  write(toggledRoute(0, gateway))
  await until('the route answers', () => isThere(port))
  const tally = createTally()
  const end = new AbortController()
  const asking = (Object.keys(loops) as Kind[]).flatMap((kind) =>
    Array.from({ length: loops[kind] }, () => askAllTheTime(kind, port, tally, end.signal)),
  )
  let toggles = 0
  const startedMs = performance.now()
  while (performance.now() - startedMs < seconds * 1_000) {
    toggles += 1
    write(toggledRoute(toggles, gateway))
    // By the clock: what a write takes is not added up.
    await delay(Math.max(0, startedMs + toggles * everyMs - performance.now()))
  }
  end.abort()
  await Promise.all(asking)
  return { ...tally.report(), toggles }
}

/** Before its listener nobody answers at all. */
async function isThere(port: number): Promise<boolean> {
  await using connection = connectionOf('HTTP/1.1, new', port)
  const answer = await connection.ask().catch(() => undefined)
  return answer?.status === 200
}

interface Tally {
  note(kind: Kind, answer: { readonly status: number; readonly headers: IncomingHttpHeaders } | Error): void
  report(): Omit<ToggleReport, 'toggles'>
}

function createTally(): Tally {
  const requests: Record<string, number> = {}
  const failures: string[] = []
  const seen = new Set<string>()
  let [failed, mixed] = [0, 0]
  const fail = (failure: string): void => {
    failed += 1
    if (failures.length < failuresKept) failures.push(failure)
  }
  return {
    note(kind, answer) {
      requests[kind] = (requests[kind] ?? 0) + 1
      if (answer instanceof Error) return fail(`${kind}: ${answer.message}`)
      if (answer.status !== 200) return fail(`${kind}: status ${answer.status}`)
      const [backend, toggle = ''] = String(answer.headers[header]).split(' ')
      seen.add(toggle)
      if (answer.headers['x-backend-name'] !== backend) mixed += 1
    },
    report: () => ({ requests, failures, failed, mixed, seen: [...seen].filter((toggle) => toggle !== '0').length }),
  }
}

async function askAllTheTime(kind: Kind, port: number, tally: Tally, end: AbortSignal): Promise<void> {
  await using connection = connectionOf(kind, port)
  while (!end.aborted) tally.note(kind, await connection.ask().catch((error: Error) => error))
}

type Answer = Exclude<Parameters<Tally['note']>[1], Error>
interface Connection extends AsyncDisposable {
  ask(): Promise<Answer>
}

function connectionOf(kind: Kind, port: number): Connection {
  if (kind === 'HTTP/2') return http2Connection(port)
  const agent = new Agent({ keepAlive: kind === 'HTTP/1.1, kept', maxSockets: 1 })
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        const sent = request({ port, host: '127.0.0.1', headers: { host: toggleHost }, agent }, (response) => {
          const { statusCode: status = 0, headers } = response
          response.once('error', reject).once('end', () => resolve({ status, headers }))
          response.resume()
        })
        sent.once('error', reject).end()
      }),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  }
}

function http2Connection(port: number): Connection {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  return {
    ask: () =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': '/', ':authority': toggleHost })
        let answer: Answer = { status: 0, headers: {} }
        stream.once('response', (headers) => (answer = { status: headers[':status'] ?? 0, headers }))
        stream.once('error', reject).once('end', () => resolve(answer))
        stream.resume()
      }),
    [Symbol.asyncDispose]: () => new Promise((resolve) => session.close(resolve)),
  }
}

/** Most toggles have to be seen, or nothing is proved. */
export const toggleHolds = ({ failed, mixed, toggles, seen }: ToggleReport): boolean =>
  failed === 0 && mixed === 0 && seen * 2 > toggles

export function toggleSummary({ requests, failures, failed, mixed, toggles, seen }: ToggleReport): string {
  const total = Object.values(requests).reduce((sum, count) => sum + count, 0)
  const kinds = Object.entries(requests).map(([kind, count]) => `${kind} ${count}`)
  return [
    `${total} requests (${kinds.join('; ')})`,
    `${failed} without a 200, ${mixed} mixed`,
    `${toggles} toggles, ${seen} seen`,
    ...failures,
  ].join('\n')
}
