// The requests.yaml of a golden case: what is asked of the proxy, and what a user must see.
import { randomUUID } from 'node:crypto'
import type { PlaneName } from '@penstock/ir'
import { type EchoBackend, echoFailing, echoId, type Failing } from './echo-backend.ts'
import { callGrpc, type GrpcAnswer } from './grpc-exchange.ts'
import { exchange, type HttpAnswer, type HttpRequest, tooLate } from './http-exchange.ts'
import { until } from './until.ts'

export interface GoldenRequest {
  request: Omit<HttpRequest, 'port'> & {
    port?: number
    times?: number
    /** `<service>/<method>`: a unary gRPC call instead of a request for a path. */
    call?: string
    /** How the backends answer at first; each request starts anew. */
    failing?: Failing
    /** The name of a certificate to show. */
    client?: string
    /** The name of the authority that must have signed the proxy's certificate, which must be for the name asked for. */
    trust?: string
  }
  expect: Expectation
  /**
   * Instead of `expect` on this plane: where the specification leaves the answer open, or the plane lacks what is asked for.
   * The case says which.
   */
  agentgateway?: Expectation
}

/** Everything named must hold; a header that is `null` must be absent. Shares are [least, most] of all answers. */
export interface Expectation {
  status?: number
  backend?: string
  location?: string
  headers?: Readonly<Record<string, string | null>>
  received?: {
    path?: string
    host?: string
    headers?: Readonly<Record<string, string | null>>
    /** Over TLS: the name asked for, and that of the client's certificate. */
    serverName?: string
    client?: string
  }
  /** By backend, the headers that it received. */
  byBackend?: Readonly<Record<string, Readonly<Record<string, string | null>>>>
  shares?: Readonly<Record<string, readonly [number, number]>>
  statuses?: Readonly<Record<string, readonly [number, number]>>
  /** Of a call. */
  grpcStatus?: number
  grpcStatuses?: Readonly<Record<string, readonly [number, number]>>
  /** The name of the certificate that the proxy shows. */
  certificate?: string
  /** No answer at all: the connection is refused or reset, by either side. */
  refused?: boolean
  /** By backend, how often each saw a request, mirrored and repeated ones too: [least, most] for one request sent. */
  seen?: Readonly<Record<string, readonly [number, number]>>
}

const expectations: Readonly<Record<keyof Expectation, true>> = {
  status: true,
  backend: true,
  location: true,
  headers: true,
  received: true,
  byBackend: true,
  shares: true,
  statuses: true,
  grpcStatus: true,
  grpcStatuses: true,
  certificate: true,
  refused: true,
  seen: true,
}
const defaultPort = 18_080

type Witnesses = readonly Pick<EchoBackend, 'name' | 'seen'>[]

export interface Surroundings {
  /** The kind of proxy that is asked. Default: Envoy. */
  readonly plane?: PlaneName
  readonly backends?: Witnesses
  /** In PEM with their keys, by the names that requests give them. */
  readonly certificates?: Readonly<Record<string, string>>
}

/** Sends the request (`times` over) and returns one sentence per expectation that does not hold. */
export async function replay(golden: GoldenRequest, around: Surroundings = {}): Promise<string[]> {
  const { plane, backends = [], certificates = {} } = around
  const own = plane === 'agentgateway' ? golden.agentgateway : undefined
  const expect = own ?? golden.expect
  const unknown = unknownExpectations(golden)
  if (unknown.length > 0) return [`requests.yaml: no such expectation: ${unknown.join(', ')}`]
  const { client, trust } = golden.request
  const absent = [client, trust].filter((name) => name !== undefined && !Object.hasOwn(certificates, name))
  if (absent.length > 0) return [`requests.yaml: no such certificate: ${absent.join(', ')}`]
  const sent = await send(golden.request, { certificates, isCounted: expect.seen !== undefined })
  if ('failure' in sent) return expect.refused ? [] : [`no answer: ${sent.failure}`]
  if (expect.refused) return [`answered ${sent.answers[0]?.status}, expected no answer`]
  const complaints = await judgeAll(sent, expect, backends)
  const isOrdinary = async (): Promise<boolean> =>
    !golden.expect.refused && (await judgeAll(sent, golden.expect, backends)).length === 0
  if (own && complaints.length === 0 && (await isOrdinary()))
    return [`what is expected of ${plane} alone is what all answer`]
  return complaints.slice(0, 5)
}

const unknownExpectations = ({ expect, agentgateway = {} }: GoldenRequest): string[] =>
  Object.keys({ ...expect, ...agentgateway }).filter((name) => !Object.hasOwn(expectations, name))

interface Sent {
  readonly answers: readonly Answer[]
  /** By which the backends know the requests again. */
  readonly ids: readonly string[]
}

async function send(
  { times = 1, port = defaultPort, call, failing, client, trust, ...named }: GoldenRequest['request'],
  { certificates, isCounted }: { certificates: Readonly<Record<string, string>>; isCounted: boolean },
): Promise<Sent | { failure: string }> {
  const answers: Answer[] = []
  const ids: string[] = []
  const rest = {
    ...{ ...named, port },
    ...(client === undefined ? {} : { client: certificates[client] ?? '' }),
    ...(trust === undefined ? {} : { trust: certificates[trust] ?? '' }),
  }
  const asked = failing === undefined ? {} : { [echoFailing]: JSON.stringify(failing) }
  try {
    while (answers.length < times) {
      const id = randomUUID()
      ids.push(id)
      const headers = isCounted || failing ? { ...rest.headers, [echoId]: id, ...asked } : (rest.headers ?? {})
      const request = { ...rest, headers }
      answers.push(await (call === undefined ? exchange(request) : callGrpc({ ...request, path: `/${call}` })))
    }
  } catch (error) {
    if ((error as { readonly code?: string }).code === tooLate().code) throw error
    return { failure: error instanceof Error ? error.message : String(error) }
  }
  return { answers, ids }
}

const judgeAll = async ({ answers, ids }: Sent, expect: Expectation, backends: Witnesses): Promise<string[]> => [
  ...answers.flatMap((answer) => judge(answer, expect)),
  ...judgeShares(answers, expect),
  ...(await judgeSeen(ids, expect, backends)),
]

type Answer = HttpAnswer & Partial<Pick<GrpcAnswer, 'grpcStatus'>>

function judge(answer: Answer, expect: Expectation): string[] {
  const { status, grpcStatus, backend, location, certificate, headers = {}, received, byBackend = {} } = expect
  const wanted = { ...received?.headers, ...byBackend[answer.echo?.backend ?? ''] }
  return [
    ...differs('status', answer.status, status),
    ...differs('gRPC status', answer.grpcStatus, grpcStatus),
    ...differs('backend', answer.echo?.backend, backend),
    ...differs('certificate', answer.certificate, certificate),
    ...differs('location', withoutUsualPort(answer.headers.location), withoutUsualPort(location)),
    ...Object.entries(headers).flatMap(([name, value]) =>
      differs(`header ${name}`, unspaced(answer.headers[name] ?? null), unspaced(value)),
    ),
    ...differs('received path', answer.echo?.path, received?.path),
    ...differs('received host', answer.echo?.host, received?.host),
    ...differs('received server name', answer.echo?.serverName, received?.serverName),
    ...differs('received client', answer.echo?.client, received?.client),
    ...Object.entries(wanted).flatMap(([name, value]) =>
      differs(`received header ${name}`, unspaced(answer.echo?.headers[name] ?? null), unspaced(value)),
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

/** A mirrored request may come after the answer, so there is time until the least is there. */
async function judgeSeen(ids: readonly string[], { seen = {} }: Expectation, backends: Witnesses): Promise<string[]> {
  const judged = Object.entries(seen).map(async ([name, [least, most]]) => {
    const backend = backends.find((one) => one.name === name)
    if (backend === undefined) return [`no backend ${name} was there to see requests`]
    const perRequest = (): number => ids.reduce((sum, id) => sum + backend.seen(id), 0) / ids.length
    await until('', () => perRequest() >= least).catch(() => {})
    const share = perRequest()
    return share >= least && share <= most
      ? []
      : [`backend ${name} saw ${share} for each request, expected ${least} to ${most}`]
  })
  return (await Promise.all(judged)).flat()
}

/** Whether a list has blanks is up to each proxy. */
const unspaced = (value: string | null): string | null => value?.replaceAll(', ', ',') ?? null

/** The port that a scheme means anyway may be said or not (RFC 9110, 4.2.3). */
const withoutUsualPort = (location: string | undefined): string | undefined =>
  location?.replace(/^(http:\/\/[^/?#]*):80(?![^/?#])|^(https:\/\/[^/?#]*):443(?![^/?#])/, '$1$2')

type Value = string | number | null | undefined

function differs(what: string, actual: Value, expected: Value): string[] {
  return expected === undefined || actual === expected
    ? []
    : [`${what}: ${String(actual)}, expected ${String(expected)}`]
}
