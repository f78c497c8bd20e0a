// The requests.yaml of a golden case: what is asked of the proxy, and what a user must see.
import { callGrpc, type GrpcAnswer } from './grpc-exchange.ts'
import { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts'

export interface GoldenRequest {
  /** `call`, a `<service>/<method>`: a unary gRPC call instead of a request for a path. */
  request: Omit<HttpRequest, 'port'> & { port?: number; times?: number; call?: string }
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
  /** Of a call. */
  grpcStatus?: number
  grpcStatuses?: Readonly<Record<string, readonly [number, number]>>
  /** No answer at all: the connection is refused or reset. */
  refused?: boolean
}

const expectations: Readonly<Record<keyof Expectation, true>> = {
  status: true,
  backend: true,
  location: true,
  headers: true,
  received: true,
  shares: true,
  statuses: true,
  grpcStatus: true,
  grpcStatuses: true,
  refused: true,
}
const defaultPort = 18_080

/** Sends the request (`times` over) and returns one sentence per expectation that does not hold. */
export async function replay({ request, expect }: GoldenRequest): Promise<string[]> {
  const unknown = Object.keys(expect).filter((name) => !Object.hasOwn(expectations, name))
  if (unknown.length > 0) return [`requests.yaml: no such expectation: ${unknown.join(', ')}`]
  const { times = 1, port = defaultPort, call, ...rest } = request
  const answers: Answer[] = []
  const send = (): Promise<Answer> =>
    call === undefined ? exchange({ ...rest, port }) : callGrpc({ ...rest, port, path: `/${call}` })
  try {
    for (let sent = 0; sent < times; sent += 1) answers.push(await send())
  } catch (error) {
    return expect.refused ? [] : [`no answer: ${error instanceof Error ? error.message : String(error)}`]
  }
  if (expect.refused) return [`answered ${answers[0]?.status}, expected no answer`]
  return [...answers.flatMap((answer) => judge(answer, expect)), ...judgeShares(answers, expect)].slice(0, 5)
}

type Answer = HttpAnswer & Partial<Pick<GrpcAnswer, 'grpcStatus'>>

function judge(answer: Answer, expect: Expectation): string[] {
  const { status, grpcStatus, backend, location, headers = {}, received } = expect
  return [
    ...differs('status', answer.status, status),
    ...differs('gRPC status', answer.grpcStatus, grpcStatus),
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

function judgeShares(
  answers: readonly Answer[],
  { shares = {}, statuses = {}, grpcStatuses = {} }: Expectation,
): string[] {
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
    ...Object.entries(grpcStatuses).flatMap(([status, range]) =>
      outside(`gRPC status ${status}`, answers.filter((answer) => answer.grpcStatus === Number(status)).length, range),
    ),
  ]
}

type Seen = string | number | null | undefined

function differs(what: string, actual: Seen, expected: Seen): string[] {
  return expected === undefined || actual === expected
    ? []
    : [`${what}: ${String(actual)}, expected ${String(expected)}`]
}
