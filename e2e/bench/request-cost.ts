// What a request pays for finding its route table: the same hosts on two Envoys, one with the plane's scopes, one with a
// plain table, each asked in turn, and the processor time of each by the number of its answers. A third Envoy answers
// for the backend, so that a request costs what a request costs.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { envoyPhases, envoyTypes } from '@penstock/plane-envoy'
import { toResource } from '@penstock/plane-envoy/resource'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type Envoy, envoyBytes, freePorts, startEnvoy } from '@penstock/testkit'
import { createXdsServer, type ResourceChange, type XdsServer } from '@penstock/xds'
import { attachment, fleet, type KeyedRecord, listener, rule, service, to } from '../plane-envoy/records.ts'
import type { LoadAnswers, LoadRound } from './load-client.ts'
import { createPlainPlane } from './plain-plane.ts'
import { cpuMs, percentile } from './process-cost.ts'
import { table } from './result-table.ts'

const hosts = 1_000
const wildcard = '*.wild.example'
const requestsMs = 1_000

interface Kind {
  readonly what: string
  hostAt(number: number): string
}

const kinds: readonly Kind[] = [
  { what: 'exact', hostAt: (number) => `host-${number}.example` },
  { what: 'wildcard', hostAt: (number) => `host-${number}.wild.example` },
]

export interface RequestFigures {
  readonly what: string
  /** Microseconds of Envoy's processor time for each request, round by round. */
  readonly scopedUs: readonly number[]
  readonly plainUs: readonly number[]
}

export async function measureRequests(rounds: number): Promise<RequestFigures[]> {
  await using stack = new AsyncDisposableStack()
  const [scopedPort = 0, plainPort = 0, backendPort = 0] = await freePorts(3)
  const plane = createPlainPlane({ fleet, portOffset: plainPort - scopedPort, openKey: () => '' })
  const { scoped, plain } = plane.apply(records(scopedPort, backendPort))
  const server = stack.use(await serve({ scoped, plain, backend: [backendListener(backendPort)] }))
  const start = async (name: string): Promise<Envoy> => {
    const envoy = stack.use(await startEnvoy({ xdsPort: server.port, fleet: name }))
    await envoy.waitUntilLive()
    return envoy
  }
  await start('backend')
  const proxies = [
    { envoy: await start('scoped'), port: scopedPort },
    { envoy: await start('plain'), port: plainPort },
  ]
  const client = fork(join(import.meta.dirname, 'load-client.ts'), { execArgv: [] })
  stack.defer(() => void client.kill('SIGKILL'))
  const figures: RequestFigures[] = []
  for (const { what, hostAt } of kinds) {
    const costs: number[][] = [[], []]
    const asked = Array.from({ length: hosts }, (_, number) => hostAt(number))
    // The first round is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      // Whoever comes second finds the machine as the first left it: they take turns.
      for (const at of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const proxy = proxies[at]
        if (proxy === undefined) continue
        const cost = await costOfRequest(client, proxy, asked)
        if (round > 0) costs[at]?.push(cost)
      }
    }
    figures.push({ what, scopedUs: costs[0] ?? [], plainUs: costs[1] ?? [] })
  }
  return figures
}

async function costOfRequest(
  client: ChildProcess,
  { envoy, port }: { readonly envoy: Envoy; readonly port: number },
  asked: readonly string[],
): Promise<number> {
  const before = cpuMs(envoy.pid)
  const round: LoadRound = { port, hosts: asked, durationMs: requestsMs }
  client.send(round)
  const [{ answers, wrong }] = (await once(client, 'message')) as [LoadAnswers]
  if (wrong !== undefined) throw new Error(`not every answer was 200: ${wrong}`)
  return ((cpuMs(envoy.pid) - before) * 1_000) / answers
}

function records(port: number, backendPort: number): KeyedRecord[] {
  const http = listener('http', { port })
  const route = (name: string, host: string): KeyedRecord =>
    rule(name, [attachment(http, host)], { backends: [to('backend')] })
  const exact = Array.from({ length: hosts }, (_, number) => route(`route-${number}`, `host-${number}.example`))
  return [http, ...service('backend', [backendPort]), ...exact, route('wildcard', wildcard)]
}

async function serve(fleets: Readonly<Record<string, readonly ResourceChange[]>>): Promise<XdsServer> {
  const server = await createXdsServer({
    ...{ host: '127.0.0.1', port: 0, order: envoyPhases, logger: silentLogger, meter: silentMeter },
    fleetOf: ({ cluster }) => cluster,
    events: { onFleet: (name) => server.update(name, 1, fleets[name] ?? []), onProxies: () => {} },
  })
  return server
}

const managerType =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'

/** Answers every request at once. */
function backendListener(port: number): ResourceChange {
  const answer = { match: { prefix: '/' }, directResponse: { status: 200 } }
  const router = { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' }
  const manager = {
    '@type': managerType,
    statPrefix: 'backend',
    routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes: [answer] }] },
    httpFilters: [{ name: 'envoy.filters.http.router', typedConfig: router }],
  }
  const body = envoyBytes(envoyTypes.listener, {
    name: 'backend',
    address: { socketAddress: { address: '127.0.0.1', portValue: port } },
    filterChains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typedConfig: manager }] }],
  })
  return { typeUrl: envoyTypes.listener, name: 'backend', resource: toResource(body) }
}

export function requestTable(figures: readonly RequestFigures[]): string {
  const rows = figures.map(({ what, scopedUs, plainUs }) => {
    const ratios = scopedUs.map((us, round) => us / (plainUs[round] ?? Number.NaN))
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => percentile(ratios, share).toFixed(3))
    const median = (of: readonly number[]): string => percentile(of, 0.5).toFixed(1)
    return [what, median(scopedUs), median(plainUs), middle ?? '', `${low} to ${high}`]
  })
  return table(['host', 'scoped, µs of Envoy', 'plain', 'ratio, median of rounds', 'half of them within'], rows)
}
