// How long an edit takes to be in force, and what it costs, with 10 to 3,000 routes on one port. The services run as
// processes, as `npm start` runs them.
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../options.ts'
import { Bench } from './bench.ts'
import { row, table } from './result-table.ts'
import { hostOf } from './route-folder.ts'

const usage = `usage: npm run bench:propagation -- [options]

  --routes N,N   how many; default 10,100,1000,3000
  --edits N      of each; default 200`

const values = readOptions(usage, {
  routes: { type: 'string', default: '10,100,1000,3000' },
  edits: { type: 'string', default: '200' },
})
const sizes = values.routes.split(',').map(Number)
const edits = Number(values.edits)

const rows: string[][] = []
for (const routes of sizes) {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-'))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    await using bench = new Bench({ folder, routes, agent })
    await bench.start()
    process.stderr.write(`${routes} routes: ready, last host ${hostOf(routes - 1)} answers\n`)
    await bench.warmUp(Math.min(edits, 50))
    const seen = await bench.requestsSee(edits)
    const cost = await bench.costOf(edits)
    rows.push(row({ routes, seen, cost, memory: bench.memory() }))
  } finally {
    agent.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}
process.stdout.write(`${table(rows)}\n`)
