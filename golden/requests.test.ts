// Every case's requests.yaml, asked of the real Envoy and of the strict agentgateway: a golden is right, not only stable. One
// proxy takes all cases in turn, so each case is also an edit of the one before. Of Envoy those of HTTPS are asked twice: with
// a filter chain for each hostname, and with one that exact hostnames share.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { FleetChange } from '@penstock/ir'
import { agentgatewayPhases } from '@penstock/plane-agentgateway'
import { defaultSharedFrom, envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import {
  type EchoBackend,
  expectFree,
  replay,
  startEchoBackend,
  startEnvoy,
  startGrpcBackend,
  until,
} from '@penstock/testkit'
import { startAgentgateway } from '@penstock/testkit/agentgateway'
import { createXdsServer, type XdsServer, type XdsServerOptions } from '@penstock/xds'
import { caseNames, casesFolder, loadCase } from './load-case.ts'
import { createPipeline, fleetOfPlane, type ResourceChange } from './pipeline.ts'

const pem = (name: string): string => readFileSync(join(import.meta.dirname, 'tls', `${name}.pem`), 'utf8')
/** What requests may show, and whom they may trust. */
const certificates = { client: pem('client'), stranger: pem('stranger'), expired: pem('expired'), ca: pem('ca') }
/** What backends show that speak TLS. */
const backendTls = { cert: pem('backend'), key: pem('backend'), ca: pem('ca') }

/** Of all cases. */
const listenerPorts = [18_080, 18_081, 18_443, 18_444]
const backends = { v1: '127.77.0.1', v2: '127.77.0.2', v3: '127.77.0.3', v6: '::1' }
const grpcBackends = { g1: '127.77.0.1', g2: '127.77.0.2' }

const witnesses: EchoBackend[] = []
const backendStack = new AsyncDisposableStack()
beforeAll(async () => {
  for (const [name, address] of Object.entries(backends))
    witnesses.push(backendStack.use(await startEchoBackend(name, address, 3_000)))
  for (const [name, address] of Object.entries(grpcBackends))
    witnesses.push(backendStack.use(await startGrpcBackend(name, address, 3_001)))
  witnesses.push(backendStack.use(await startEchoBackend('t1', '127.77.0.1', 3_443, backendTls)))
  backendStack.use(await startGrpcBackend('t2', '127.77.0.1', 3_444, backendTls))
}, 60_000)
afterAll(() => backendStack.disposeAsync(), 30_000)

/** A server with one proxy, which is brought from case to case. */
async function startTurns(create: (managed: boolean) => Pipeline, order: readonly TypePhase[]) {
  for (const port of listenerPorts) await expectFree(port)
  const server: XdsServer = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, order, logger: silentLogger, meter: silentMeter },
    fleetOf: () => fleet,
    events: { onFleet: () => {}, onProxies: () => {} },
  })
  const shared = create(false)
  let pipeline = shared
  let present: ReadonlyMap<string, unknown> = new Map()
  let commit = 0
  server.update(fleet, commit, pipeline.apply([]))
  return {
    server,
    async take({ name, resources, managed }: GoldenCase): Promise<void> {
      const changes: FleetChange[] = []
      if (managed || pipeline !== shared) {
        changes.push(...pipeline.apply(removing([...present.keys()])))
        pipeline = managed ? create(managed) : shared
        present = new Map()
      }
      const gone = [...present.keys()].filter((key) => !resources.has(key))
      changes.push(...pipeline.apply([...removing(gone), ...[...resources].map(([key, value]) => ({ key, value }))]))
      present = resources
      commit += 1
      server.update(fleet, commit, changes)
      await until(`the proxy acknowledges case ${name}`, () => {
        const [proxy] = server.proxies(fleet)
        expect(proxy?.rejections ?? []).toEqual([])
        return proxy !== undefined && proxy.acknowledgedCommit >= commit
      })
    },
  }
}

const removing = (keys: readonly string[]): ResourceChange[] => keys.map((key) => ({ key, value: undefined }))

/** Numbers from 0 to 1, the same in each run, so that none is an unlucky one (mulberry32). */
function drawn(): () => number {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const proxies: Readonly<Record<PlaneName, ProxySetup>> = {
  envoy: { order: envoyPhases, start: startEnvoy },
  agentgateway: {
    order: agentgatewayPhases,
    refusedIn: readRefusal,
    start: ({ xdsPort }) => startAgentgateway({ xdsPort, namespace: 'default', gateway: 'golden', random: drawn() }),
  },
}

interface Turn {
  readonly title: string
  readonly plane: PlaneName
  readonly sharedFrom?: number
  readonly names: readonly string[]
}

describe.each<Turn>([
  { title: 'on the real Envoy', plane: 'envoy', sharedFrom: defaultSharedFrom, names: caseNames() },
  { title: 'with shared filter chains', plane: 'envoy', sharedFrom: 1, names: caseNames().filter(isHttps) },
  { title: 'on the strict agentgateway', plane: 'agentgateway', names: caseNames() },
])('$title', ({ plane, names, ...options }) => {
  const stack = new AsyncDisposableStack()
  const pipeline = createPipeline(plane, options)
  const fleet = fleetOfPlane(plane)
  let present: ReadonlyMap<string, unknown> = new Map()
  let commit = 0
  const witnesses: EchoBackend[] = []
  let server: XdsServer
  let proxy: Proxy

  beforeAll(async () => {
    turns = await startTurns((managed) => createPipeline('envoy', { managed, sharedFrom }), envoyPhases)
    stack.use(turns.server)
    const envoy: Envoy = await startEnvoy({ xdsPort: turns.server.port, fleet })
    stack.use(envoy)
  }, 60_000)
  afterAll(() => stack.disposeAsync(), 30_000)

  it.each(names)(
    '%s',
    async (name) => {
      const golden = loadCase(name)
      await turns.take(golden)
      for (const one of golden.requests) {
        const complaints = await replay(one, { backends: witnesses, certificates })
        expect({ request: one.request, complaints }).toEqual({ request: one.request, complaints: [] })
      }
    },
    60_000,
  )
})

describe('on the strict agentgateway', () => {
  const stack = new AsyncDisposableStack()
  let turns: Turns
  let proxy: Agentgateway

  beforeAll(async () => {
    turns = await startTurns((managed) => createPipeline('agentgateway', { managed }), agentgatewayPhases)
    stack.use(turns.server)
    const random = drawn()
    proxy = stack.use(startAgentgateway({ xdsPort: turns.server.port, namespace: 'default', gateway: 'gw', random }))
  }, 60_000)
  afterAll(() => stack.disposeAsync(), 30_000)

  it.each(caseNames())(
    '%s',
    async (name) => {
      const golden = loadCase(name)
      await turns.take(golden)
      expect([...proxy.rejects, ...proxy.complaints()]).toEqual([])
      const otherwise: Record<number, string[]> = {}
      for (const [at, one] of golden.requests.entries()) {
        const complaints = await replay(one, { backends: witnesses, certificates })
        if (complaints.length > 0) otherwise[at + 1] = complaints
      }
      const known = differences[name]?.requests ?? []
      const unexpected = Object.entries(otherwise).filter(([at]) => !known.includes(Number(at)))
      expect(Object.fromEntries(unexpected)).toEqual({})
      expect(known.filter((at) => !(at in otherwise))).toEqual([])
    },
    60_000,
  )
})
