// What the bus costs with many routes: a full read of IR by a fresh process, an edit, a relist, a change of leader, and an
// xds-server from its start to a proxy that has everything. Real NATS.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { readOptions } from '../options.ts'
import { type BusScene, type Sequences, startBusScene } from './bus-scene.ts'
import { percentile } from './process-cost.ts'
import { startServer } from './server-start.ts'
import { difference, publishedOn } from './tally.ts'

const usage = `usage: npm run bench:bus -- [options]

  --routes N,N   how many; default 1000,10000
  --reads N      full reads of each; default 5`

const values = readOptions(usage, {
  routes: { type: 'string', default: '1000,10000' },
  reads: { type: 'string', default: '5' },
})
const reader = resolve(import.meta.dirname, 'fresh-reader.ts')

/** By their name. */
type Figures = Readonly<Record<string, number | string>>

interface Read {
  readonly records: number
  readonly ms: number
  /** Processor time: what is left of it on a busy machine. */
  readonly cpuMs: number
}

/** Not in this process, which has to keep its leases meanwhile. */
async function freshReads(url: string, count: number): Promise<Read[]> {
  const reads: Read[] = []
  for (let read = 0; read < count; read += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [reader, url])
    reads.push(JSON.parse(stdout) as Read)
  }
  return reads
}

async function edits(scene: BusScene, routes: number): Promise<Record<string, string>> {
  const times: number[] = []
  const before = publishedOn(scene.tally, 'ir')
  const count = 20
  for (let edit = 1; edit <= count; edit += 1) {
    const startedAt = performance.now()
    // Spread over all routes; 7,919 is prime.
    await scene.edit((edit * 7_919) % routes)
    times.push(performance.now() - startedAt)
  }
  const { commits, records, bytes } = difference(before, publishedOn(scene.tally, 'ir'))
  return {
    'edit: commits, records, bytes on IR': [commits, records, bytes].map((sum) => sum / count).join(', '),
    'edit: to STATUS published, p50 ms': percentile(times, 0.5).toFixed(1),
  }
}

/** Messages that every stream got while `action` ran, by channel. */
async function messages(scene: BusScene, action: () => Promise<void>): Promise<string> {
  const before: Sequences = await scene.sequences()
  await action()
  const after = await scene.sequences()
  return Object.keys(after)
    .sort()
    .map((channel) => `${channel} ${(after[channel] ?? 0) - (before[channel] ?? 0)}`)
    .join(', ')
}

async function measure(routes: number): Promise<Figures> {
  await using scene = await startBusScene(routes)
  process.stderr.write(`${routes} routes are published\n`)
  const reads = await freshReads(scene.url, Number(values.reads))
  const first = publishedOn(scene.tally, 'ir')
  const edit = await edits(scene, routes)
  const relist = await messages(scene, () => scene.relist())
  const starts = await startServer(scene.url, routes)
  const leader = await messages(scene, () => scene.changeLeader())
  return {
    routes,
    'records of IR': reads[0]?.records ?? 0,
    'full read of IR by a fresh process, ms': reads.map(({ ms }) => ms.toFixed(0)).join(' '),
    'processor time of it, ms': reads.map(({ cpuMs }) => cpuMs.toFixed(0)).join(' '),
    'all of IR: commits, bytes of records': `${first.commits}, ${first.bytes}`,
    ...edit,
    'messages of a relist without a change': relist,
    'messages of a change of leader': leader,
    'records of a change of leader':
      publishedOn(scene.tally, 'ir').records + publishedOn(scene.tally, 'status').records,
    'xds-server: start to ready, first resource, all clusters, ms': Object.values(starts)
      .map((ms: number) => ms.toFixed(0))
      .join(', '),
  }
}

const all: Figures[] = []
for (const routes of values.routes.split(',').map(Number)) all.push(await measure(routes))
for (const name of Object.keys(all[0] ?? {})) {
  process.stdout.write(`${name}: ${all.map((figures) => figures[name]).join(' | ')}\n`)
}
