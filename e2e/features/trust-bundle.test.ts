// A ClusterTrustBundle on its whole way, from the folder to handshakes: rotated while it is used, and taken away.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { envoyTypes } from '@penstock/plane-envoy'
import { startEchoBackend, until } from '@penstock/testkit'
import { pairs } from '../plane-envoy/certificates.ts'
import { endpointSlice, gateway, gatewayClass, httpRoute, type Manifest, service, tlsSecret } from './manifests.ts'
import { type Edit, type Rig, startRig } from './rig.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const name = 'example.com:features:v1'
const references = [{ group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name }]
const host = 'one.example.com'

const trustBundle = ({ chainPem }: { chainPem: string }): Manifest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'ClusterTrustBundle',
  metadata: { name },
  spec: { signerName: 'example.com/features', trustBundle: chainPem },
})
const policy: Manifest = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'BackendTLSPolicy',
  metadata: { name: 'safe' },
  spec: {
    targetRefs: [{ group: '', kind: 'Service', name: 'safe' }],
    validation: { hostname: host, caCertificateRefs: references },
  },
}
function askingGateway(port: number): Manifest {
  const plain = gateway({ name: 'http', port }, { name: 'https', port: port + 1, secret: 'one' })
  const tls = { frontend: { default: { validation: { caCertificateRefs: references } } } }
  return { ...plain, spec: { ...(plain['spec'] as object), tls } }
}

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  const { chainPem: cert, keyPem: key } = pairs.one
  const backend = stack.use(await startEchoBackend('safe', '127.0.0.1', 0, { cert, key, ca: cert }))
  rig = stack.use(
    await startRig({
      'safe.yaml': [service('safe'), endpointSlice('safe', backend.port), policy],
      'web.yaml': [httpRoute('web'), httpRoute('safe', { path: '/safe', backends: { safe: 1 } })],
      'secret.yaml': [tlsSecret('one', pairs.one)],
      'bundle.yaml': [trustBundle(pairs.two)],
    }),
  )
  await rig.edit(() => rig.write('gateway.yaml', gatewayClass(), askingGateway(rig.port)))
})
afterAll(() => stack.disposeAsync(), 30_000)

const statusOf = async (path: string): Promise<number> => (await rig.ask({ path })).status
/** Whether a client with this certificate gets an answer. */
const isWelcome = ({ chainPem, keyPem }: { chainPem: string; keyPem: string }): Promise<boolean> =>
  rig.ask({ port: rig.port + 1, host, tls: true, client: chainPem + keyPem }).then(
    ({ status }) => status === 200,
    () => false,
  )
const sentIn = ({ sent }: Edit) => sent.map(({ typeUrl, resources }) => [typeUrl, resources.length])

describe('a ClusterTrustBundle', () => {
  it('keeps out whom it does not vouch for, on both sides', async () => {
    expect(await statusOf('/safe')).toBe(503)
    expect([await isWelcome(pairs.one), await isWelcome(pairs.two)]).toEqual([false, true])
    expect(await statusOf('/')).toBe(200)
  })

  it('is rotated by one small message, which no listener and no cluster is part of', async () => {
    const edit = await rig.edit(() => rig.write('bundle.yaml', trustBundle(pairs.one)))
    expect(edit.ir.changes.map(({ key }) => key)).toEqual([`trust_bundle/ClusterTrustBundle//${name}`])
    expect(sentIn(edit)).toEqual([[envoyTypes.secret, 1]])
    await until('the backend is trusted', async () => (await statusOf('/safe')) === 200)
    await until('the client is trusted', () => isWelcome(pairs.one))
    expect(await isWelcome(pairs.two)).toBe(false)
  })

  it('that is removed leaves nobody trusted, and its neighbours as they were', async () => {
    await rig.edit(() => rig.remove('bundle.yaml'))
    await until('the backend is closed', async () => (await statusOf('/safe')) === 503)
    await until('clients are kept out', async () => !(await isWelcome(pairs.one)))
    expect(await isWelcome(pairs.two)).toBe(false)
    expect(await statusOf('/')).toBe(200)
  })

  it('that comes back is trusted again', async () => {
    await rig.edit(() => rig.write('bundle.yaml', trustBundle(pairs.one)))
    await until('the backend is trusted', async () => (await statusOf('/safe')) === 200)
    await until('the client is trusted', () => isWelcome(pairs.one))
  })
})
