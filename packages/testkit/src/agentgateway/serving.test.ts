// What is delivered answers requests: over real sockets, from resources written by hand.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type EchoBackend, startEchoBackend } from '../echo-backend.ts'
import { freePorts } from '../free-ports.ts'
import { startGrpcBackend } from '../grpc-backend.ts'
import { callGrpc } from '../grpc-exchange.ts'
import { exchange, type HttpAnswer, type HttpRequest } from '../http-exchange.ts'
import { bind, listener, prefix, route, service, to, workload } from './literals.test-data.ts'
import { gone, type Rig, startRig } from './rig.ts'

type Draft = NonNullable<Parameters<typeof route>[1]>

const header = (name: string, value: string) => ({ name, value })

describe('an agentgateway', () => {
  const stack = new AsyncDisposableStack()
  let [port, second, dead]: number[] = []
  let rig: Rig
  let backends: EchoBackend[]

  beforeAll(async () => {
    ;[port, second, dead] = await freePorts(3)
    backends = [stack.use(await startEchoBackend('v1')), stack.use(await startEchoBackend('v2'))]
    const grpc = stack.use(await startGrpcBackend('g1'))
    rig = stack.use(await startRig())
    const ports = backends.map((backend) => backend.port)
    await rig.send(
      ...['v1', 'v2'].flatMap((name, at) => [service(name), workload(name, ports[at] ?? 0)]),
      ...[service('g1', { ports: [{ servicePort: 80, appProtocol: 2 }] }), workload('g1', grpc.port)],
      ...[service('empty'), service('dead'), workload('dead', dead ?? 0)],
      ...[bind(port ?? 0), listener('http', port ?? 0)],
    )
  })
  afterAll(() => stack.disposeAsync())

  /** With this one rule, of all paths. */
  async function having(draft: Draft): Promise<void> {
    await rig.send(route('r', { backends: [to('v1')], ...draft }))
    expect(rig.proxy.rejects).toEqual([])
  }
  const ask = (path = '/', request: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
    exchange({ port: port ?? 0, path, ...request })

  it('sends a request on as it came, but for what was for the connection', async () => {
    await having({})
    const { status, echo } = await ask('/a?b=c', {
      host: 'a.com:81',
      headers: { 'x-a': '1', 'keep-alive': 'x', te: 'gzip' },
    })
    expect(status).toBe(200)
    expect(echo).toMatchObject({ backend: 'v1', path: '/a?b=c', host: 'a.com:81', headers: { 'x-a': '1' } })
    expect(Object.keys(echo?.headers ?? {})).not.toContain('keep-alive')
  })

  it.each<[string, Draft, number]>([
    ['no route takes it: 404', { matches: [prefix('/other')] }, 404],
    ['no backend at all: 500', { backends: [] }, 500],
    ['an invalid one: 500', { backends: [{ weight: 1, backend: {} }] }, 500],
    ['a service that is not there: 500', { backends: [to('absent')] }, 500],
    ['only backends of weight 0: 500', { backends: [to('v1', { weight: 0 })] }, 500],
    ['a service without endpoints: 503', { backends: [to('empty')] }, 503],
    ['a service without the port: 503', { backends: [to('v1', { backend: { ...to('v1').backend, port: 81 } })] }, 503],
    ['nobody listens: 503', { backends: [to('dead')] }, 503],
    ['a direct response', { trafficPolicies: [{ kind: { is: 'directResponse', value: { status: 418 } } }] }, 418],
  ])('%s', async (_, draft, status) => {
    await having(draft)
    expect((await ask()).status).toBe(status)
  })

  it('divides requests by weight', async () => {
    await having({ backends: [to('v1', { weight: 3 }), to('v2'), to('empty', { weight: 0 })] })
    const answers = await Promise.all(Array.from({ length: 80 }, () => ask()))
    const share = answers.filter(({ echo }) => echo?.backend === 'v1').length / 80
    expect(share).toBeGreaterThan(0.55)
    expect(share).toBeLessThan(0.95)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  it('edits headers: of requests, of one backend, of answers', async () => {
    const edit = { add: [header('x-add', '2')], set: [header('x-set', 's')], remove: ['x-gone'] }
    await having({
      trafficPolicies: [
        { kind: { is: 'requestHeaderModifier', value: edit } },
        {
          kind: {
            is: 'responseHeaderModifier',
            value: { set: [header('x-backend-name', 'hidden')], add: [header('x-new', 'n')] },
          },
        },
      ],
      backends: [
        to('v1', {
          backendPolicies: [{ kind: { is: 'requestHeaderModifier', value: { set: [header('x-b', 'b')] } } }],
        }),
      ],
    })
    const { headers, echo } = await ask('/', { headers: { 'x-add': '1', 'x-set': 'o', 'x-gone': 'g' } })
    expect(echo?.headers).toMatchObject({ 'x-add': '1, 2', 'x-set': 's', 'x-b': 'b' })
    expect(echo?.headers).not.toHaveProperty('x-gone')
    expect(headers).toMatchObject({ 'x-backend-name': 'hidden', 'x-new': 'n' })
  })

  it('sends copies away: without a body, and their answers go nowhere', async () => {
    const [, v2] = backends
    const mirrors = [
      { backend: to('v2').backend, percentage: 100 },
      { backend: to('v2').backend, percentage: 0 },
    ]
    await having({ trafficPolicies: [{ kind: { is: 'requestMirror', value: { mirrors } } }] })
    const { echo } = await ask('/', { headers: { 'x-echo-id': 'mirrored' } })
    expect(echo?.backend).toBe('v1')
    await rig.proxy.until('the copy', () => v2?.seen('mirrored') === 1)
  })

  it.each<[string, Draft, number, number]>([
    [
      'a backend that takes too long: 504',
      { trafficPolicies: [{ kind: { is: 'timeout', value: { backendRequest: { nanos: 50_000_000 } } } }] },
      1,
      504,
    ],
    [
      'all of it takes too long: 504',
      { trafficPolicies: [{ kind: { is: 'timeout', value: { request: { nanos: 50_000_000 } } } }] },
      1,
      504,
    ],
    ['no retries: the first answer', {}, 1, 500],
    [
      'attempts come after the first try',
      { trafficPolicies: [{ kind: { is: 'retry', value: { attempts: 2, retryStatusCodes: [500] } } }] },
      3,
      200,
    ],
    ['attempts 0 is one', { trafficPolicies: [{ kind: { is: 'retry', value: { retryStatusCodes: [500] } } }] }, 2, 500],
    [
      'other codes are no reason',
      { trafficPolicies: [{ kind: { is: 'retry', value: { attempts: 2, retryStatusCodes: [503] } } }] },
      1,
      500,
    ],
  ])('%s', async (name, draft, seen, status) => {
    await having(draft)
    const failing = { times: 2, status: 500, delayMs: status === 504 ? 2_000 : 0 }
    const headers = { 'x-echo-id': name, 'x-echo-failing': JSON.stringify(failing) }
    expect((await ask('/', { headers })).status).toBe(status)
    expect(backends[0]?.seen(name)).toBe(seen)
  })

  it('keeps no large body for a second try', async () => {
    await having({ trafficPolicies: [{ kind: { is: 'retry', value: { attempts: 2, retryStatusCodes: [500] } } }] })
    const headers = { 'x-echo-id': 'large', 'x-echo-failing': JSON.stringify({ times: 1, status: 500 }) }
    expect((await ask('/', { headers, method: 'POST', bodyBytes: 70_000 })).status).toBe(500)
  })

  it('answers gRPC in its own words', async () => {
    const call = () => callGrpc({ port: port ?? 0, path: '/a.B/C', host: 'a.com' })
    await having({ backends: [to('g1')] })
    expect(await call()).toMatchObject({ status: 200, grpcStatus: 0, echo: { backend: 'g1', host: 'a.com' } })
    await having({ matches: [prefix('/other')] })
    expect(await call()).toMatchObject({ status: 200, grpcStatus: 12 })
    await having({ backends: [] })
    expect(await call()).toMatchObject({ grpcStatus: 14 })
    await having({ backends: [to('empty')] })
    expect(await call()).toMatchObject({ grpcStatus: 14 })
    // UNKNOWN, as every 500 but that of a route without backends.
    await having({ backends: [{ weight: 1, backend: {} }] })
    expect(await call()).toMatchObject({ grpcStatus: 2 })
  })

  it('listens and closes with the bind, whatever comes first', async () => {
    const [there, listening] = [bind(second ?? 0), listener('late', second ?? 0, { hostname: 'late.com' })]
    await rig.send(route('late', { listenerKey: 'late', backends: [to('v2')] }))
    expect(rig.proxy.complaints()).toContain('routes of listener late, which is not there')
    await rig.send(listening)
    expect(rig.proxy.complaints()).toContain('listener late: its bind is not there')
    await rig.send(there)
    expect(rig.proxy.complaints()).toEqual([])
    expect((await ask('/', { port: second ?? 0, host: 'late.com' })).echo?.backend).toBe('v2')
    expect((await ask('/', { port: second ?? 0, host: 'other.com' })).status).toBe(404)
    await rig.send(gone(route('late')), gone(listening), gone(there))
    await expect(ask('/', { port: second ?? 0 })).rejects.toThrow()
  })
})
