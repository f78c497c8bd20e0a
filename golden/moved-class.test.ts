// A Gateway that moves from a class of one plane to a class of the other, and back: its routes answer the same. The two proxies
// run side by side; which one has the Gateway is seen by who listens.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Gateway, type GatewayClass, type GatewayConfig, resourceKey } from '@penstock/gateway-api'
import type { IrRecord, Plane, PlaneName } from '@penstock/ir'
import {
  agentgatewayCapabilities,
  agentgatewayPhases,
  createAgentgatewayPlane,
  readRefusal,
} from '@penstock/plane-agentgateway'
import { createEnvoyPlane, envoyCapabilities, envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import {
  type EchoBackend,
  type GoldenRequest,
  replay,
  startEchoBackend,
  startEnvoy,
  startGrpcBackend,
  until,
} from '@penstock/testkit'
import { type Agentgateway, startAgentgateway } from '@penstock/testkit/agentgateway'
import { createTranslation } from '@penstock/translate'
import { createXdsServer, type XdsServer, type XdsServerOptions } from '@penstock/xds'
import { loadCase, nowMs, sealer } from './load-case.ts'

const name = { envoy: 'Envoy', agentgateway: 'Agentgateway' } as const satisfies Record<PlaneName, string>
const planeNames = Object.keys(name) as PlaneName[]
const fleets: Readonly<Record<PlaneName, string>> = { envoy: 'golden', agentgateway: 'golden-agentgateway' }
/** Added to the port of a listener: both cannot have one port of one machine. */
const apart: Readonly<Record<PlaneName, number>> = { envoy: 0, agentgateway: 1_000 }

const gatewayPort = 18_680

const metadata = { uid: '', generation: 1, creationTimestamp: '2025-01-01T00:00:00Z' }
const config = (plane: PlaneName): GatewayConfig => ({
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'GatewayConfig',
  metadata: { ...metadata, name: plane, namespace: 'default' },
  spec: { plane: name[plane] },
})
const gatewayClass = (plane: PlaneName): GatewayClass => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { ...metadata, name: plane },
  spec: {
    controllerName: 'penstock.dev/gateway-controller',
    parametersRef: { group: 'penstock.dev', kind: 'GatewayConfig', namespace: 'default', name: plane },
  },
})

interface Side {
  readonly plane: Plane
  readonly server: XdsServer
}

const stack = new AsyncDisposableStack()
const { graph, ir, ...translation } = createTranslation({
  controllerName: 'penstock.dev/gateway-controller',
  capabilities: { envoy: envoyCapabilities, agentgateway: agentgatewayCapabilities },
  plane: 'envoy',
  fleet: 'golden',
})
const sides = new Map<PlaneName, Side>()
const backends: EchoBackend[] = []
let agentgateway: Agentgateway | undefined
let commit = 0

beforeAll(async () => {
  for (const [backend, address] of Object.entries({ v1: '127.78.0.1', v2: '127.78.0.2', v3: '127.78.0.3' }))
    backends.push(stack.use(await startEchoBackend(backend, address, 3_000)))
  for (const [backend, address] of Object.entries({ g1: '127.78.0.1', g2: '127.78.0.2' }))
    backends.push(stack.use(await startGrpcBackend(backend, address, 3_001)))
  const openKey = (sealed: Parameters<typeof sealer.open>[0]): string => Buffer.from(sealer.open(sealed)).toString()
  await start('envoy', createEnvoyPlane({ openKey }), { order: envoyPhases })
  await start('agentgateway', createAgentgatewayPlane({ openKey }), {
    order: agentgatewayPhases,
    refusedIn: readRefusal,
  })
  stack.use(await startEnvoy({ xdsPort: portOf('envoy'), fleet: fleets.envoy }))
  const listenAt = (port: number) => ({ host: '127.0.0.1', port: port + apart.agentgateway })
  agentgateway = stack.use(
    startAgentgateway({ xdsPort: portOf('agentgateway'), namespace: 'default', gateway: 'gw', listenAt }),
  )
}, 60_000)
afterAll(() => stack.disposeAsync(), 30_000)

async function start(at: PlaneName, plane: Plane, setup: Pick<XdsServerOptions, 'order' | 'refusedIn'>): Promise<void> {
  const server = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, logger: silentLogger, meter: silentMeter, ...setup },
    fleetOf: () => fleets[at],
    events: { onFleet: () => {}, onProxies: () => {} },
  })
  server.update(fleets[at], commit, plane.connect(fleets[at]))
  sides.set(at, { plane, server: stack.use(server) })
}

const portOf = (plane: PlaneName): number => sides.get(plane)?.server.port ?? 0

async function apply(changes: Parameters<typeof translation.apply>[0]): Promise<void> {
  const round = translation.apply(changes, nowMs)
  const records = round.deltas<IrRecord>(ir).map((delta) => ({ key: delta.key, record: delta.new }))
  commit += 1
  for (const [at, { plane, server }] of sides) {
    server.update(fleets[at], commit, plane.apply(records))
    await until(`${at} acknowledges`, () => (server.proxies(fleets[at])[0]?.acknowledgedCommit ?? -1) >= commit)
    expect(server.proxies(fleets[at])[0]?.rejections).toEqual([])
  }
  expect(agentgateway?.complaints()).toEqual([])
}

/** Ports and addresses of cases are those of another test, which may run beside this one. */
const elsewhere = <V>(value: V): V =>
  JSON.parse(JSON.stringify(value).replaceAll('18080', String(gatewayPort)).replaceAll('127.77.', '127.78.')) as V

const asked = ({ request, expect }: GoldenRequest, plane: PlaneName): GoldenRequest => ({
  request: { ...request, port: (request.port ?? gatewayPort) + apart[plane] },
  expect,
})

describe('a Gateway', () => {
  it.each([
    'http-route-matching',
    'http-route-filters-together',
    'http-route-redirect-path',
    'http-route-weight-zero',
    'http-route-partially-invalid',
    'grpc-exact-method-matching',
  ])(
    'of another class answers the same: %s',
    async (golden) => {
      const loaded = loadCase(golden)
      const resources = new Map(elsewhere([...loaded.resources]))
      const requests = elsewhere(loaded.requests)
      const gateway = [...resources.values()].find(({ kind }) => kind === 'Gateway') as Gateway
      const of = (plane: PlaneName): Gateway => ({ ...gateway, spec: { ...gateway.spec, gatewayClassName: plane } })
      const classes = planeNames.flatMap((plane) => [config(plane), gatewayClass(plane)])
      const others = new Map([...resources, ...classes.map((one) => [resourceKey(one), one] as const)])
      await apply([...others].map(([key, value]) => ({ key, value })))
      for (const plane of ['envoy', 'agentgateway', 'envoy'] as const) {
        await apply([{ key: resourceKey(gateway), value: of(plane) }])
        const complaints = []
        for (const one of requests) {
          complaints.push(...(await replay(asked(one, plane), { backends })))
          for (const other of planeNames.filter((at) => at !== plane))
            complaints.push(...(await replay({ ...asked(one, other), expect: { refused: true } })))
        }
        expect({ plane, complaints }).toEqual({ plane, complaints: [] })
      }
      await apply([...others.keys()].map((key) => ({ key, value: undefined })))
    },
    60_000,
  )
})
