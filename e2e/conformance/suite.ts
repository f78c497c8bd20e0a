// The official suite as a process: what it is told, and what it says.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { buildProgram } from '@penstock/tools/programs'
import type { Cluster } from '../cluster/cluster.ts'
import type { CatalogueEntry } from './profile-table.ts'
import { type Outcome, parseResult, type ResultList } from './result-list.ts'

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
  /** Gets the suite's log and its report. */
  readonly dir: string
  readonly deadlineMs: number
}

/** The file descriptor on which the suite tells results as it has them. */
const resultsFd = 3

export const allProfiles = ['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'GATEWAY-TCP', 'GATEWAY-UDP']

/** In the bed's pool, far from the lowest, which are given first; and outside of it. */
const usableAddress = '172.30.1.200'
const unusableAddress = '172.30.2.1'

/** All tests of the suite that gateways are asked. */
export async function readCatalogue(dir: string): Promise<readonly CatalogueEntry[]> {
  await mkdir(dir, { recursive: true })
  const file = join(dir, 'catalogue.json')
  const binary = join(await buildProgram('conformance', console.error), 'conformance')
  await promisify(execFile)(binary, ['-test.run=^TestCatalogue$', `-catalogue-output=${file}`])
  return JSON.parse(await readFile(file, 'utf8')) as CatalogueEntry[]
}

/** Runs the suite as a client outside the cluster; `say` hears of each test that passed or failed. */
export async function runSuite(
  cluster: Cluster,
  options: SuiteOptions,
  say: (sentence: string) => void,
): Promise<ResultList> {
  await mkdir(options.dir, { recursive: true })
  const binary = join(await buildProgram('conformance', console.error), 'conformance')
  const [command = '', ...args] = cluster.node.inNetwork('outside', binary, ...suiteFlags(options))
  const log = await open(join(options.dir, 'suite.log'), 'w')
  const suite = spawn(command, args, {
    cwd: options.dir,
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
    stdio: ['ignore', log.fd, log.fd, 'pipe'],
  })
  const ended = once(suite, 'close')
  const results = new Map<string, Outcome>()
  for await (const line of createInterface({ input: suite.stdio[resultsFd] as Readable })) {
    const { name, outcome } = parseResult(line)
    results.set(name, outcome)
    if (outcome !== 'skip') say(`${outcome} ${name}`)
  }
  await ended
  await log.close()
  return results
}

function suiteFlags(options: SuiteOptions): readonly string[] {
  const { gatewayClass, profiles, run, skip = [], features = [], flags = [], dir, deadlineMs } = options
  const about = { organization: 'penstock', project: 'penstock', url: 'https://penstock.dev', version: 'main' }
  return [
    ...['-test.v', '-test.run=^TestGatewayAPIConformance$', `-test.timeout=${deadlineMs}ms`],
    ...[`-gateway-class=${gatewayClass}`, `-conformance-profiles=${profiles.join(',')}`],
    ...(run ? [`-run-test=${run}`] : []),
    ...(skip.length > 0 ? [`-skip-tests=${skip.join(',')}`] : []),
    ...(features.length > 0 ? [`-supported-features=${features.join(',')}`] : []),
    ...[`-usable-address=${usableAddress}`, `-unusable-address=${unusableAddress}`],
    // The cluster goes as a whole.
    '-cleanup-base-resources=false',
    ...[`-results-fd=${resultsFd}`, `-report-output=${join(dir, 'report.yaml')}`],
    ...Object.entries(about).map(([name, value]) => `-${name}=${value}`),
    '-contact=https://penstock.dev',
    ...flags,
  ]
}
