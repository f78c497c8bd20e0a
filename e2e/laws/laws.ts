// The laws, as often as you like.

import type { History } from '@penstock/incremental/laws'
import { histories } from '@penstock/translate/histories'
import fc from 'fast-check'
import { readOptions } from '../options.ts'
import { coverageOf, unreached } from './coverage.ts'
import { type LawSuite, lawSuites } from './law-suites.ts'

const usage = `usage: npm run laws -- [options]

  --runs N      histories of each law; default 1000
  --seed N      default another each time
  --only TEXT   laws whose names hold it`

const values = readOptions(usage, {
  runs: { type: 'string', default: '1000' },
  seed: { type: 'string', default: String(Math.trunc(Math.random() * 2 ** 31)) },
  only: { type: 'string', default: '' },
})
const runs = Number(values.runs)
const seed = Number(values.seed)
const tellEveryMs = 10_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
/** Since `start`: by the clock, and of one core, which says more on a machine that has other things to do. */
const seconds = (start: Start): string => {
  const { user, system } = process.cpuUsage(start.cpu)
  return `${((performance.now() - start.ms) / 1_000).toFixed(1)} s (${((user + system) / 1_000_000).toFixed(1)} s of CPU)`
}
interface Start {
  readonly ms: number
  readonly cpu: NodeJS.CpuUsage
}
const startNow = (): Start => ({ ms: performance.now(), cpu: process.cpuUsage() })
const isAsked = ({ name }: LawSuite): boolean => name.includes(values.only)

say(`${runs} runs of each, --seed ${seed}`)
const start = startNow()
let failed = 0
for (const suite of lawSuites.filter(isAsked)) if (!check(suite)) failed += 1
tellCoverage()
say(`${failed === 0 ? 'all laws hold' : `${failed} failed`}, ${seconds(start)}`)
process.exitCode = failed === 0 ? 0 : 1

function check({ name, property }: LawSuite): boolean {
  const suiteStart = startNow()
  let toldMs = suiteStart.ms
  let done = 0
  let rounds = 0
  let changes = 0
  const seen = (history: History<unknown>): void => {
    done += 1
    rounds += history.length
    changes += history.flat().length
    if (performance.now() - toldMs < tellEveryMs) return
    toldMs = performance.now()
    say(`  ${name}: ${done} of ${runs}, ${seconds(suiteStart)}`)
  }
  const result = fc.check(property(seen), { numRuns: runs, seed })
  const size = `${(rounds / done).toFixed(1)} transactions and ${(changes / done).toFixed(1)} changes on average`
  say(`${result.failed ? 'FAILED' : 'ok'}  ${name}: ${done} histories of ${size}, ${seconds(suiteStart)}`)
  if (result.failed) say(fc.defaultReportMessage(result) ?? '')
  return !result.failed
}

function tellCoverage(): void {
  const sampled = Math.min(runs, 500)
  const coverage = coverageOf(fc.sample(histories, { numRuns: sampled, seed }))
  say(`conditions reached in ${sampled} histories of the translation:`)
  for (const [line, count] of [...coverage].sort()) say(`  ${String(count).padStart(5)}  ${line}`)
  say(`in the table, not reached: ${unreached(coverage).join(', ')}`)
}
