// How long an edit takes to be in force and what it costs, over the shapes of propagation-scenes.ts, beside one plain
// route table on the same Envoy; and what a request pays for the look-up of its table.
import { loadavg } from 'node:os'
import { readOptions } from '../options.ts'
import { runScene, type SceneFigures } from './propagation-run.ts'
import { sceneNamed, scenes } from './propagation-scenes.ts'
import { measureRequests, requestTable } from './request-cost.ts'
import { editTable, memoryTable, stageTable } from './result-table.ts'

const all = scenes.map(({ name }) => name).join(',')
const usage = `usage: npm run bench:propagation -- [options]

  --scenes A,B   what to measure: exact-N, wildcard-N, https-N, rules-N, and "requests" for the cost of
                 a request; default ${all},requests
  --edits N      of each kind in each scene; default 100
  --rounds N     of requests to each Envoy, a second each; default 10`

const values = readOptions(usage, {
  scenes: { type: 'string', default: `${all},requests` },
  edits: { type: 'string', default: '100' },
  rounds: { type: 'string', default: '10' },
})
const names = values.scenes.split(',')
const chosen = names.filter((name) => name !== 'requests').map(sceneNamed)
const loads = [loadavg()[0] ?? 0]
const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`)

const done: SceneFigures[] = []
// What was measured is told even if a later scene fails.
try {
  for (const scene of chosen) {
    done.push(await runScene(scene, Number(values.edits)))
    loads.push(loadavg()[0] ?? 0)
    say(`${scene.what}: done, load ${loads.at(-1)?.toFixed(1)}`)
  }
} finally {
  const figures = done.flatMap((scene) => scene.figures)
  const scoped = figures.filter(({ contender }) => contender === 'scoped')
  if (done.length > 0) console.log([editTable(figures), stageTable(scoped), memoryTable(done)].join('\n\n'))
}
if (names.includes('requests')) {
  console.log(`\n${requestTable(await measureRequests(Number(values.rounds)))}`)
  loads.push(loadavg()[0] ?? 0)
}
console.log(`\nload average: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}`)
