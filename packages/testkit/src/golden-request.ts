// The requests.yaml of a golden case: what is asked of the proxy, and what a user must see.
import { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts'

export interface GoldenRequest {
  request: Omit<HttpRequest, 'port'> & { port?: number; times?: number }
  expect: Expectation
}

/** Everything named must hold; a header that is `null` must be absent. Shares are [least, most] of all answers. */
export interface Expectation {
  status?: number
  backend?: string
  location?: string
  headers?: Readonly<Record<string, string | null>>
  received?: { path?: string; host?: string; headers?: Readonly<Record<string, string | null>> }
  shares?: Readonly<Record<string, readonly [number, number]>>
  statuses?: Readonly<Record<string, readonly [number, number]>>
  /** No answer at all: the connection is refused or reset. */
  refused?: boolean
}

const known = new Set(['status', 'backend', 'location', 'headers', 'received', 'shares', 'statuses', 'refused'])
const defaultPort = 18_080

/** Sends the request (`times` over) and returns one sentence per expectation that does not hold. */
export async function replay({ request, expect }: GoldenRequest): Promise<string[]> {
  const unknown = Object.keys(expect).filter((name) => !known.has(name))
  if (unknown.length > 0) return [`requests.yaml: no such expectation: ${unknown.join(', ')}`]
  const { times = 1, port = defaultPort, ...rest } = request
  const answers: HttpAnswer[] = []
  try {
    for (let sent = 0; sent < times; sent += 1) answers.push(await exchange({ ...rest, port }))
  } catch (error) {
    return expect.refused ? [] : [`no answer: ${error instanceof Error ? error.message : String(error)}`]
  }
  if (expect.refused) return [`answered ${answers[0]?.status}, expected no answer`]
  return [...answers.flatMap((answer) => judge(answer, expect)), ...judgeShares(answers, expect)].slice(0, 5)
}

function judge(answer: HttpAnswer, expect: Expectation): string[] {
  const { status, backend, location, headers = {}, received } = expect
  return [
    ...differs('status', answer.status, status),
    ...differs('backend', answer.echo?.backend, backend),
    ...differs('location', answer.headers.location, location),
    ...Object.entries(headers).flatMap(([name, value]) =>
      differs(`header ${name}`, answer.headers[name] ?? null, value),
    ),
    ...differs('received path', answer.echo?.path, received?.path),
    ...differs('received host', answer.echo?.host, received?.host),
    ...Object.entries(received?.headers ?? {}).flatMap(([name, value]) =>
      differs(`received header ${name}`, answer.echo?.headers[name]?.replaceAll(', ', ',') ?? null, value),
    ),
  ]
}

function judgeShares(answers: readonly HttpAnswer[], { shares = {}, statuses = {} }: Expectation): string[] {
  const outside = (what: string, count: number, [least, most]: readonly [number, number]): string[] => {
    const share = count / answers.length
    return share >= least && share <= most ? [] : [`${what}: ${share} of the answers, expected ${least} to ${most}`]
  }
  return [
    ...Object.entries(shares).flatMap(([name, range]) =>
      outside(`backend ${name}`, answers.filter((answer) => answer.echo?.backend === name).length, range),
    ),
    ...Object.entries(statuses).flatMap(([status, range]) =>
      outside(`status ${status}`, answers.filter((answer) => answer.status === Number(status)).length, range),
    ),
  ]
}

type Seen = string | number | null | undefined

function differs(what: string, actual: Seen, expected: Seen): string[] {
  return expected === undefined || actual === expected
    ? []
    : [`${what}: ${String(actual)}, expected ${String(expected)}`]
}
