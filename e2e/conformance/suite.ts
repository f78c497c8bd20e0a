// The official suite as a process: what it is told, and what it says.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { buildProgram } from '@penstock/tools/programs'
import type { Cluster } from '../cluster/cluster.ts'
import type { CatalogueEntry } from './profile-table.ts'
import { parseResults, type ResultList } from './result-list.ts'

export interface SuiteOptions {
  readonly gatewayClass: string
  readonly profiles: readonly string[]
  /** One test alone. */
  readonly run?: string
  readonly skip?: readonly string[]
  /** Left out: those that the GatewayClass says it supports. */
  readonly features?: readonly string[]
  /** Flags of the suite itself. */
  readonly flags?: readonly string[]
  /** Gets the suite's log, its report and the results. */
  readonly dir: string
  readonly deadlineMs: number
}

export const allProfiles = ['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'GATEWAY-TCP', 'GATEWAY-UDP']

/** All tests of the suite that gateways are asked. */
export async function readCatalogue(dir: string): Promise<readonly CatalogueEntry[]> {
  await mkdir(dir, { recursive: true })
  const file = join(dir, 'catalogue.json')
  const binary = join(await buildProgram('conformance', console.error), 'conformance')
  await promisify(execFile)(binary, ['-test.run=^TestCatalogue$', `-catalogue-output=${file}`])
  return JSON.parse(await readFile(file, 'utf8')) as CatalogueEntry[]
}

/** Runs the suite as a client outside the cluster; `say` hears of each test that ended. */
export async function runSuite(
  cluster: Cluster,
  options: SuiteOptions,
  say: (sentence: string) => void,
): Promise<ResultList> {
  await mkdir(options.dir, { recursive: true })
  const binary = join(await buildProgram('conformance', console.error), 'conformance')
  const results = join(options.dir, 'results.jsonl')
  const [command = '', ...args] = cluster.node.inNetwork('outside', binary, ...suiteFlags(options, results))
  const suite = spawn(command, args, {
    cwd: options.dir,
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await Promise.all([follow(suite, join(options.dir, 'suite.log'), say), once(suite, 'close')])
  return parseResults(await readFile(results, 'utf8').catch(() => ''))
}

function suiteFlags(options: SuiteOptions, results: string): readonly string[] {
  const { gatewayClass, profiles, run, skip = [], features = [], flags = [], dir, deadlineMs } = options
  const about = { organization: 'penstock', project: 'penstock', url: 'https://penstock.dev', version: 'main' }
  return [
    ...['-test.v', '-test.run=^TestGatewayAPIConformance$', `-test.timeout=${deadlineMs}ms`],
    ...[`-gateway-class=${gatewayClass}`, `-conformance-profiles=${profiles.join(',')}`],
    ...(run ? [`-run-test=${run}`] : []),
    ...(skip.length > 0 ? [`-skip-tests=${skip.join(',')}`] : []),
    ...(features.length > 0 ? [`-supported-features=${features.join(',')}`] : []),
    // The cluster goes as a whole.
    '-cleanup-base-resources=false',
    ...[`-results-output=${results}`, `-report-output=${join(dir, 'report.yaml')}`],
    ...Object.entries(about).map(([name, value]) => `-${name}=${value}`),
    '-contact=https://penstock.dev',
    ...flags,
  ]
}

/** Everything to the log; of the tests themselves also a word to who waits. */
async function follow(suite: ChildProcess, file: string, say: (sentence: string) => void): Promise<void> {
  const log = createWriteStream(file)
  const ended = /^ {4}--- (PASS|FAIL): TestGatewayAPIConformance\/(\S+) (\(.*\))/
  const read = async (stream: ChildProcess['stdout']): Promise<void> => {
    if (!stream) return
    for await (const line of createInterface({ input: stream })) {
      log.write(`${line}\n`)
      const [, outcome, name, took] = ended.exec(line) ?? []
      if (outcome) say(`${outcome === 'PASS' ? 'pass' : 'FAIL'} ${name} ${took}`)
    }
  }
  await Promise.all([read(suite.stdout), read(suite.stderr)])
  log.end()
}
