// What n HTTPRoutes in a real API server cost: how long each service takes to have everything, what it holds in memory,
// and how long an edit takes until it is live and until its status says so. Needs the programs of tools/programs.
import { loadavg } from 'node:os'
import { readOptions } from '../options.ts'
import { type ClusterFigures, measureCluster } from './cluster-bench.ts'
import { serviceNames } from './cluster-services.ts'
import { type Memory, percentile } from './process-cost.ts'

const usage = `usage: npm run bench:cluster -- [options]

  --routes N,N   how many HTTPRoutes; default 1000,5000,10000
  --edits N      of each; default 100
  --writes N     statuses that may be written a second; default 1000`

const values = readOptions(usage, {
  routes: { type: 'string', default: '1000,5000,10000' },
  edits: { type: 'string', default: '100' },
  writes: { type: 'string', default: '1000' },
})

const named = (of: Readonly<Record<string, number>>, digits: number, scale = 1): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${(value / scale).toFixed(digits)}`)
    .join(', ')
const oursOf = ({ memory }: ClusterFigures): Memory[] => serviceNames.flatMap((name) => memory[name] ?? [])
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mib = ({ memory }: ClusterFigures, of: keyof Memory): string =>
  named(Object.fromEntries(Object.entries(memory).map(([name, figures]) => [name, figures[of]])), 0)
/** Where they run on one machine, its memory holds the pages of Node once. */
const sumOnOneMachine = (ours: readonly Memory[]): number =>
  sum(ours.map((each) => each.mib - each.fileMiB)) + Math.max(...ours.map((each) => each.fileMiB))
const pair = (times: readonly number[]): string =>
  `${percentile(times, 0.5).toFixed(0)} / ${percentile(times, 0.99).toFixed(0)}`

const rows: Readonly<Record<string, (figures: ClusterFigures) => string>> = {
  routes: ({ routes }) => String(routes),
  'created in, s': ({ createMs }) => (createMs / 1_000).toFixed(1),
  'start until everything is there, s': ({ startMs }) => named(startMs, 1, 1_000),
  'second start until ready, s': ({ restartMs }) => named(restartMs, 1, 1_000),
  'memory, MiB': (figures) => mib(figures, 'mib'),
  'most memory ever, MiB': (figures) => mib(figures, 'peakMiB'),
  'sum of our services, MiB': (figures) => sum(oursOf(figures).map((each) => each.mib)).toFixed(0),
  'the same, the pages of Node counted once, MiB': (figures) => sumOnOneMachine(oursOf(figures)).toFixed(0),
  'writes of route statuses': ({ routeWrites }) => String(routeWrites),
  "writes of the Gateway's status": ({ gatewayWrites }) => String(gatewayWrites),
  'patch → live in Envoy p50 / p99, ms': ({ liveMs }) => pair(liveMs),
  'patch → status written p50 / p99, ms': ({ statusMs }) => pair(statusMs),
}

const all: ClusterFigures[] = []
for (const routes of values.routes.split(',').map(Number)) {
  all.push(await measureCluster(routes, Number(values.edits), Number(values.writes)))
}
process.stdout.write(`load average at the end: ${loadavg()[0]?.toFixed(1)}\n`)
for (const [name, text] of Object.entries(rows)) process.stdout.write(`${name}: ${all.map(text).join(' | ')}\n`)
