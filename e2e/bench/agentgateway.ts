// agentgateway as the proxy: what an edit takes and costs among ten routes and among ten thousand, and what flows to a
// proxy while pods and routes change all the time. The strict client stands in for it, or the real one that
// AGENTGATEWAY_BIN names.
import { loadavg } from 'node:os'
import { readOptions } from '../options.ts'
import { flatnessTable, steadyTable } from './agentgateway-table.ts'
import { runAlone, type SceneFigures } from './propagation-run.ts'
import { sceneNamed } from './propagation-scenes.ts'
import { memoryTable } from './result-table.ts'
import { measureSteady } from './steady-traffic.ts'

const usage = `usage: npm run bench:agentgateway -- [options]

  --routes A,B         how many routes there are while one is edited; "" for none; default 10,100,1000,10000
  --edits N            at each size; default 100
  --applications N     a Service, a pod and a route each, while pods and routes change; 0 for none; default 5000
  --seconds N          how long they change; default 60

With AGENTGATEWAY_BIN in the environment the proxy is the program that it names, otherwise the strict client.`

const values = readOptions(usage, {
  routes: { type: 'string', default: '10,100,1000,10000' },
  edits: { type: 'string', default: '100' },
  applications: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '60' },
})
const sizes = values.routes.split(',').filter((size) => size !== '')
const chosen = sizes.map((size) => sceneNamed(`exact-${size}`))
const applications = Number(values.applications)
const loads = [loadavg()[0] ?? 0]
const done = (what: string): void => {
  loads.push(loadavg()[0] ?? 0)
  process.stderr.write(`${what}: done, load ${loads.at(-1)?.toFixed(1)}\n`)
}

const measured: SceneFigures[] = []
// What was measured is told even if a later size fails.
try {
  for (const scene of chosen) {
    measured.push(await runAlone(scene, Number(values.edits), 'agentgateway'))
    done(scene.what)
  }
} finally {
  const figures = measured.flatMap((scene) => scene.figures)
  if (measured.length > 0) console.log([flatnessTable(figures), memoryTable(measured)].join('\n\n'))
}
if (applications > 0) {
  const steady = await measureSteady({ applications, seconds: Number(values.seconds) })
  console.log(['', steadyTable(steady), memoryTable([steady]), `refused by the proxy: ${steady.refusals}`].join('\n\n'))
  done(`${applications} applications`)
}
console.log(`\nload average: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`)
