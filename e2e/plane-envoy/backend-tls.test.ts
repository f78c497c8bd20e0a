// TLS to a backend in a proxy that lives on: authorities that are renewed, a certificate to show that comes, a policy that
// breaks. On a real Envoy.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Backend, gatewayKey, trustBundleKey } from '@penstock/ir'
import { exchange, freePorts, startEchoBackend } from '@penstock/testkit'
import { certificate, pairs } from './certificates.ts'
import { attachment, fleet, type KeyedRecord, listener, prefix, rule, service, to } from './records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
let ofSafe: readonly KeyedRecord[] = []

const source = (kind: string, name: string) => {
  return { group: '', kind, namespace: 'default', name, uid: name, generation: 1 }
}
const bundle = { kind: 'ConfigMap', namespace: 'default', name: 'ca' }

function authority(pem: string): KeyedRecord {
  const value = { ...bundle, source: source('ConfigMap', 'ca'), pem }
  return { key: trustBundleKey(value), record: { kind: 'trust_bundle', value } }
}

function gateway(shown?: string): KeyedRecord {
  const value = {
    ...{ source: source('Gateway', 'gateway'), namespace: 'default', name: 'gateway', fleet },
    ...{ addresses: [], labels: {}, annotations: {} },
    backendCertificate: shown === undefined ? undefined : { namespace: 'default', name: shown },
  }
  return { key: gatewayKey(value), record: { kind: 'gateway', value } }
}

/** The records of the Service, its backend as a policy makes it. */
const secured = (more: Partial<Backend>): KeyedRecord[] =>
  ofSafe.map(({ key, record }) =>
    record.kind === 'backend' ? { key, record: { ...record, value: { ...record.value, ...more } } } : { key, record },
  )

const tls: NonNullable<Backend['tls']> = {
  serverName: 'one.example.com',
  names: [{ name: { $case: 'hostname', value: 'one.example.com' } }],
  trust: { $case: 'bundles', value: { bundles: [bundle] } },
}

const ask = (path: string) => exchange({ port, host: 'x.com', path })
const changed = (changes: readonly { name: string }[]) => changes.map(({ name }) => name)

beforeAll(async () => {
  const { chainPem: cert, keyPem: key } = pairs.one
  const safe = stack.use(await startEchoBackend('safe', '127.0.0.1', 0, { cert, key, ca: pairs.two.chainPem }))
  const plain = stack.use(await startEchoBackend('plain'))
  ;[port = 0] = await freePorts(1)
  const http = listener('http', { port })
  ofSafe = service('safe', [safe.port])
  rig = stack.use(
    await startRig([
      ...[gateway(), http, authority(pairs.two.chainPem), ...secured({ tls }), ...service('plain', [plain.port])],
      rule('safe', [attachment(http, 'x.com')], { matches: [prefix('/safe')], backends: [to('safe')] }),
      rule('plain', [attachment(http, 'x.com')], { matches: [prefix('/plain')], backends: [to('plain')] }),
    ]),
  )
})

afterAll(() => stack.disposeAsync())

describe('a backend that speaks TLS', () => {
  it('is not spoken to when others signed its certificate', async () => {
    expect((await ask('/safe')).status).toBe(503)
    expect((await ask('/plain')).echo?.backend).toBe('plain')
  })

  it('is trusted once its authority comes, which changes no cluster', async () => {
    const changes = await rig.apply([authority(pairs.one.chainPem)])
    expect(changed(changes)).toEqual(['trust_bundle/ConfigMap/default/ca'])
    await rig.envoy.waitFor('the authority', async () => (await ask('/safe')).status === 200)
    expect((await ask('/safe')).echo).toMatchObject({ backend: 'safe', serverName: 'one.example.com', client: '' })
  })

  it('is shown the certificate of the gateway once that has one, whose renewal changes no cluster', async () => {
    await rig.apply([certificate('client', pairs.two), gateway('client')])
    await rig.envoy.waitFor('the certificate', async () => (await ask('/safe')).echo?.client === 'two')
    const renewed = await rig.apply([certificate('client', pairs.wild)])
    expect(changed(renewed)).toEqual(['certificate/default/client'])
    expect((await ask('/plain')).echo?.backend).toBe('plain')
  })

  it('gets nothing any more once its policy is broken, not even in plain, and its neighbour goes on', async () => {
    await rig.apply(secured({ discovery: { $case: 'closed', value: { why: 'the policy is broken' } } }))
    await rig.envoy.waitFor('it is closed', async () => (await ask('/safe')).status === 503)
    expect((await ask('/plain')).echo?.backend).toBe('plain')
  })
})
