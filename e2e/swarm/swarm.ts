// Two hundred proxies on three servers that are replaced one after the other; ends with 1 when anything went wrong.
import { readOptions } from '../options.ts'
import { runSwarm } from './swarm-run.ts'
import { swarmTables } from './swarm-table.ts'

const usage = `usage: npm run swarm -- [options]

  --clients N   synthetic proxies; default 200
  --envoys N    real ones, of as many fleets; default 3
  --fleets N    default 8
  --rate N      requests a second; default 100
  --edit N      milliseconds from one edit to the next; default 250
  --calm N      seconds before the first server ends and after the last is back; default 20
  --age N       seconds after which a connection is ended; default 30`

const values = readOptions(usage, {
  clients: { type: 'string', default: '200' },
  envoys: { type: 'string', default: '3' },
  fleets: { type: 'string', default: '8' },
  rate: { type: 'string', default: '100' },
  edit: { type: 'string', default: '250' },
  calm: { type: 'string', default: '20' },
  age: { type: 'string', default: '30' },
})

const report = await runSwarm({
  ...{ clients: Number(values.clients), envoys: Number(values.envoys), fleets: Number(values.fleets) },
  ...{ perSecond: Number(values.rate), editEveryMs: Number(values.edit) },
  ...{ calmMs: Number(values.calm) * 1_000, connectionAgeMs: Number(values.age) * 1_000 },
  onPhase: ({ name, lastedMs }) => process.stderr.write(`${name}: ${(lastedMs / 1_000).toFixed(1)} s\n`),
})
process.stdout.write(`${swarmTables(report)}\n`)
if (report.journal.troubles.length > 0) process.exitCode = 1
