// TLS, towards clients and towards backends: by the name asked for, and with certificates that are what they should be.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startEchoBackend } from '../echo-backend.ts'
import { freePorts } from '../free-ports.ts'
import { startGrpcBackend } from '../grpc-backend.ts'
import { callGrpc } from '../grpc-exchange.ts'
import { exchange, type HttpAnswer, type HttpRequest } from '../http-exchange.ts'
import { bind, listener, policy, resource, route, service, to, workload } from './literals.test-data.ts'
import { type Rig, startRig } from './rig.ts'

const folder = join(import.meta.dirname, '../../../../golden/tls')
const pem = (name: string): Buffer => readFileSync(join(folder, `${name}.pem`))
const tls = { cert: pem('backend'), privateKey: pem('backend') }
const root = pem('ca')

describe('an agentgateway with TLS', () => {
  const stack = new AsyncDisposableStack()
  let [port]: number[] = []
  let rig: Rig

  beforeAll(async () => {
    ;[port] = await freePorts(1)
    const ends = { cert: `${pem('backend')}`, key: `${pem('backend')}`, ca: `${root}` }
    const v1 = stack.use(await startEchoBackend('v1'))
    const t1 = stack.use(await startEchoBackend('t1', '127.0.0.1', 0, ends))
    const t2 = stack.use(await startGrpcBackend('t2', '127.0.0.1', 0, ends))
    rig = stack.use(await startRig())
    const secure = (key: string, hostname: string, more = {}) => [
      listener(key, port ?? 0, { hostname, protocol: 2, tls: { ...tls, ...more } }),
      route(key, { listenerKey: key, backends: [to('v1')] }),
    ]
    await rig.send(
      ...[service('v1'), workload('v1', v1.port), service('t1'), workload('t1', t1.port)],
      ...[service('t2', { ports: [{ servicePort: 80, appProtocol: 2 }] }), workload('t2', t2.port)],
      bind(port ?? 0, { protocol: 2 }),
      ...secure('a', 'a.com'),
      ...secure('wild', '*.wild.com'),
      ...secure('strict', 'strict.com', { root }),
      ...secure('lax', 'lax.com', { root, mtlsMode: 1 }),
      listener('through', port ?? 0, { hostname: 'through.com', protocol: 3 }),
      resource('tcp_route/t', {
        is: 'tcpRoute',
        value: { key: 't', listenerKey: 'through', name: {}, hostnames: ['through.com'], backends: [to('t1')] },
      }),
    )
  })
  afterAll(() => stack.disposeAsync())

  const ask = (serverName: string, request: Partial<HttpRequest> = {}): Promise<HttpAnswer> =>
    exchange({ port: port ?? 0, tls: true, host: serverName, serverName, ...request })

  it.each([
    ['a.com', 'a.com', 200],
    ['x.y.wild.com', 'z.wild.com', 200],
    ['a.com', 'x.wild.com', 421],
    ['x.wild.com', 'a.com', 421],
    ['a.com', 'nobody.com', 404],
  ])('asked for %s in the handshake and %s in the request: %d', async (serverName, host, status) => {
    expect((await ask(serverName, { host })).status).toBe(status)
  })

  it.each([
    ['no listener has the name', 'nobody.com', undefined],
    ['a client without a certificate', 'strict.com', undefined],
    ['a client with another certificate', 'strict.com', 'stranger'],
  ])('refuses the handshake: %s', async (_, name, client) => {
    await expect(ask(name, client === undefined ? {} : { client: `${pem(client)}` })).rejects.toThrow()
  })

  it.each([
    ['strict.com', 'client'],
    ['lax.com', 'stranger'],
    ['lax.com', undefined],
  ])('lets in for %s: %s', async (name, client) => {
    expect((await ask(name, client === undefined ? {} : { client: `${pem(client)}` })).status).toBe(200)
  })

  it('passes through what it does not end', async () => {
    expect((await ask('through.com')).echo).toMatchObject({ backend: 't1', serverName: 'through.com' })
  })

  it('answers HTTP/2 where that is agreed', async () => {
    await rig.send(route('a', { listenerKey: 'a', backends: [to('t2', backendTls({ hostname: 'abc.example.com' }))] }))
    const answer = await callGrpc({ port: port ?? 0, path: '/a.B/C', host: 'a.com', tls: true })
    expect(answer).toMatchObject({ grpcStatus: 0, echo: { backend: 't2', serverName: 'abc.example.com' } })
  })

  const backendTls = (value: object) => ({
    backendPolicies: [{ kind: { is: 'backendTls', value: { root, ...value } } }],
  })

  it.each<[string, object, number]>([
    ['the hostname is that of the certificate', { hostname: 'abc.example.com' }, 200],
    ['another hostname', { hostname: 'x.example.com' }, 503],
    ['a name in place of the hostname', { hostname: 'x.com', verifySubjectAltNames: ['other.example.com'] }, 200],
    ['a URI', { hostname: 'x.com', verifySubjectAltNames: ['spiffe://abc.example.com/test-identity'] }, 200],
    ['none of the names', { hostname: 'abc.example.com', verifySubjectAltNames: ['x.example.com'] }, 503],
    ['another authority', { hostname: 'abc.example.com', root: pem('stranger') }, 503],
    ['any name', { hostname: 'x.example.com', verification: 1 }, 200],
    ['whatever', { hostname: 'x.example.com', root: pem('stranger'), verification: 2 }, 200],
  ])('towards a backend: %s', async (_, value, status) => {
    await rig.send(route('a', { listenerKey: 'a', backends: [to('t1', backendTls(value))] }))
    expect((await ask('a.com')).status).toBe(status)
  })

  it('takes TLS from a policy for the service, that for its port first, and shows a certificate', async () => {
    const forService = (key: string, value: object, port?: number) =>
      policy(key, {
        target: { kind: { is: 'service', value: { namespace: 'default', hostname: 't1', ...(port && { port }) } } },
        kind: { is: 'backend', value: { kind: { is: 'backendTls', value: { root, ...value } } } },
      })
    await rig.send(
      route('a', { listenerKey: 'a', backends: [to('t1')] }),
      forService('1', { hostname: 'x.example.com' }),
      forService('2', { hostname: 'abc.example.com', cert: pem('client'), key: pem('client') }, 80),
    )
    expect((await ask('a.com')).echo).toMatchObject({ serverName: 'abc.example.com', client: 'client' })
  })
})
