// Every case's requests.yaml, asked of the real Envoy and of the strict agentgateway: a golden is right, not only stable. One
// proxy takes all cases in turn, so each case is also an edit of the one before. Of Envoy those of HTTPS are asked twice: with
// a filter chain for each hostname, and with one that exact hostnames share.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { FleetChange, PlaneName } from '@penstock/ir'
import { agentgatewayPhases, readRefusal } from '@penstock/plane-agentgateway'
import { defaultSharedFrom, envoyPhases } from '@penstock/plane-envoy'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { expectFree, replay, startEnvoy, until } from '@penstock/testkit'
import { startAgentgateway } from '@penstock/testkit/agentgateway'
import { createXdsServer, type XdsServer, type XdsServerOptions } from '@penstock/xds'
import { caseNames, casesFolder, loadCase } from './load-case.ts'
import { createPipeline, fleetOfPlane, type ResourceChange } from './pipeline.ts'
import { type GoldenSurroundings, startSurroundings } from './surroundings.ts'

/** Of all cases. */
const listenerPorts = [18_080, 18_081, 18_443, 18_444]

const isHttps = (name: string): boolean =>
  readFileSync(join(casesFolder, name, 'input.yaml'), 'utf8').includes('protocol: HTTPS')

const isManaged = (name: string): boolean => loadCase(name).managed

interface Proxy extends AsyncDisposable {
  /** What nobody but a strict client would say. */
  complaints?(): string[]
}

interface ProxySetup extends Pick<XdsServerOptions, 'order' | 'refusedIn'> {
  start(options: { xdsPort: number; fleet: string }): Proxy | Promise<Proxy>
}

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
  // There what is bound bears the name of its proxies, and one of these cannot come instead of another.
  { title: 'on the strict agentgateway', plane: 'agentgateway', names: caseNames().filter((name) => !isManaged(name)) },
])('$title', ({ plane, names, ...options }) => {
  const stack = new AsyncDisposableStack()
  const shared = createPipeline(plane, options)
  let pipeline = shared
  const fleet = fleetOfPlane(plane)
  let present: ReadonlyMap<string, unknown> = new Map()
  let commit = 0
  let around: GoldenSurroundings
  let server: XdsServer
  let proxy: Proxy

  beforeAll(async () => {
    for (const port of listenerPorts) await expectFree(port)
    around = await startSurroundings(stack)
    const { start, ...setup } = proxies[plane]
    const events = { onFleet: () => {}, onProxies: () => {} }
    server = stack.use(
      await createXdsServer({
        ...{ host: '127.0.0.1', port: 0, events, logger: silentLogger, meter: silentMeter },
        ...setup,
        fleetOf: () => fleet,
      }),
    )
    server.update(fleet, commit, pipeline.apply([]))
    proxy = stack.use(await start({ xdsPort: server.port, fleet }))
  }, 60_000)
  afterAll(() => stack.disposeAsync(), 30_000)

  it.each(names)(
    '%s',
    async (name) => {
      const { resources, requests, managed } = loadCase(name)
      const changes: FleetChange[] = []
      if (managed || pipeline !== shared) {
        changes.push(...pipeline.apply(removing([...present.keys()])))
        pipeline = managed ? createPipeline(plane, { ...options, managed }) : shared
        present = new Map()
      }
      const gone = [...present.keys()].filter((key) => !resources.has(key))
      changes.push(...pipeline.apply([...removing(gone), ...[...resources].map(([key, value]) => ({ key, value }))]))
      present = resources
      commit += 1
      server.update(fleet, commit, changes)
      await until(`${plane} acknowledges case ${name}`, () => {
        const [state] = server.proxies(fleet)
        expect(state?.rejections ?? []).toEqual([])
        return state !== undefined && state.acknowledgedCommit >= commit
      })
      expect(proxy.complaints?.() ?? []).toEqual([])
      const complaints = []
      for (const golden of requests)
        for (const complaint of await replay(golden, { plane, ...around }))
          complaints.push({ request: golden.request, complaint })
      expect(complaints).toEqual([])
    },
    60_000,
  )
})

const removing = (keys: readonly string[]): ResourceChange[] => keys.map((key) => ({ key, value: undefined }))
