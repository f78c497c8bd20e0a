// Helm, built by tools/programs, and the charts of this checkout with what they depend on.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildProgram } from '@penstock/tools/programs'

const run = promisify(execFile)
const charts = resolve(import.meta.dirname, '../../charts')

export interface Charts extends AsyncDisposable {
  /** Answers what helm says; rejects with what it complains of. A chart is named by its folder. */
  helm(...args: readonly string[]): Promise<string>
}

/** What can be installed; the library and the plain CRDs cannot. */
export const chartNames = [
  ...['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager', 'nats'],
  'penstock',
] as const

/** A copy, since helm writes what a chart depends on into its folder. */
export async function copyCharts(): Promise<Charts> {
  const program = join(await buildProgram('helm', console.error), 'helm')
  const cwd = await mkdtemp(join(tmpdir(), 'penstock-charts-'))
  await cp(charts, cwd, { recursive: true })
  // Its caches and its list of repositories, of which it needs none.
  const env = { ...process.env, HELM_CACHE_HOME: cwd, HELM_CONFIG_HOME: cwd, HELM_DATA_HOME: cwd }
  const helm = async (...args: readonly string[]): Promise<string> =>
    (await run(program, args, { cwd, env, maxBuffer: 16 * 1024 * 1024 })).stdout
  for (const name of chartNames) await helm('dependency', 'update', name)
  return { helm, [Symbol.asyncDispose]: () => rm(cwd, { recursive: true }) }
}

/** The values that a chart is tried with, as arguments of helm; the first is none. */
export async function triedValues(chart: string): Promise<readonly (readonly string[])[]> {
  const files = await readdir(join(charts, chart, 'ci')).catch(() => [])
  return [[], ...files.map((file) => ['--values', join(charts, chart, 'ci', file)])]
}
