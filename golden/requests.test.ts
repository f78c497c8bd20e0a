// Every case's requests.yaml, asked of the real Envoy: a golden is right, not only stable. One Envoy takes all cases in
// turn, so each case is also an edit of the one before. Those of HTTPS are asked twice: with a filter chain for each hostname,
// and with one that exact hostnames share.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { defaultSharedFrom, envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import {
  type EchoBackend,
  type Envoy,
  expectFree,
  replay,
  startEchoBackend,
  startEnvoy,
  startGrpcBackend,
  until,
} from '@penstock/testkit'
import { createXdsServer, type XdsServer } from '@penstock/xds'
import { caseNames, casesFolder, loadCase } from './load-case.ts'
import { createPipeline, fleet, type ResourceChange } from './pipeline.ts'

const pem = (name: string): string => readFileSync(join(import.meta.dirname, 'tls', `${name}.pem`), 'utf8')
/** What requests may show. */
const certificates = { client: pem('client'), stranger: pem('stranger') }
/** What backends show that speak TLS. */
const backendTls = { cert: pem('backend'), key: pem('backend'), ca: pem('ca') }

/** Of all cases. */
const listenerPorts = [18_080, 18_081, 18_443, 18_444]
const backends = { v1: '127.77.0.1', v2: '127.77.0.2', v3: '127.77.0.3', v6: '::1' }
const grpcBackends = { g1: '127.77.0.1', g2: '127.77.0.2' }

const isHttps = (name: string): boolean =>
  readFileSync(join(casesFolder, name, 'input.yaml'), 'utf8').includes('protocol: HTTPS')

describe.each([
  { title: 'on the real Envoy', sharedFrom: defaultSharedFrom, names: caseNames() },
  { title: 'with shared filter chains', sharedFrom: 1, names: caseNames().filter(isHttps) },
])('$title', ({ sharedFrom, names }) => {
  const stack = new AsyncDisposableStack()
  const pipeline = createPipeline('envoy', { sharedFrom })
  let present: ReadonlyMap<string, unknown> = new Map()
  let commit = 0
  const witnesses: EchoBackend[] = []
  let server: XdsServer

  beforeAll(async () => {
    for (const port of listenerPorts) await expectFree(port)
    for (const [name, address] of Object.entries(backends))
      witnesses.push(stack.use(await startEchoBackend(name, address, 3_000)))
    for (const [name, address] of Object.entries(grpcBackends))
      witnesses.push(stack.use(await startGrpcBackend(name, address, 3_001)))
    stack.use(await startEchoBackend('t1', '127.77.0.1', 3_443, backendTls))
    stack.use(await startGrpcBackend('t2', '127.77.0.1', 3_444, backendTls))
    const events = { onFleet: () => {}, onProxies: () => {} }
    server = stack.use(
      await createXdsServer({
        host: '127.0.0.1',
        port: 0,
        order: envoyPhases,
        fleetOf: (node) => node.cluster,
        events,
        logger: silentLogger,
        meter: silentMeter,
      }),
    )
    server.update(fleet, commit, pipeline.apply([]))
    const envoy: Envoy = await startEnvoy({ xdsPort: server.port, fleet })
    stack.use(envoy)
  }, 60_000)
  afterAll(() => stack.disposeAsync(), 30_000)

  it.each(names)(
    '%s',
    async (name) => {
      const { resources, requests } = loadCase(name)
      const gone = [...present.keys()].filter((key) => !resources.has(key)).map((key) => ({ key, value: undefined }))
      const changes: ResourceChange[] = [...gone, ...[...resources].map(([key, value]) => ({ key, value }))]
      present = resources
      commit += 1
      server.update(fleet, commit, pipeline.apply(changes))
      await until(`Envoy acknowledges case ${name}`, () => {
        const [proxy] = server.proxies(fleet)
        expect(proxy?.rejections ?? []).toEqual([])
        return proxy !== undefined && proxy.acknowledgedCommit >= commit
      })
      for (const golden of requests) {
        const complaints = await replay(golden, { backends: witnesses, certificates })
        expect({ request: golden.request, complaints }).toEqual({ request: golden.request, complaints: [] })
      }
    },
    60_000,
  )
})
