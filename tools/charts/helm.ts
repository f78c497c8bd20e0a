// Helm as tools/programs builds it, or the user's where that will do, with nothing else of the user's: no repositories, no
// caches, no plugins.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildProgram } from '../programs/go.ts'
import { stageCharts } from './stage.ts'

const run = promisify(execFile)

export interface Charts extends AsyncDisposable {
  /** Where the charts lie, by their names. */
  readonly folder: string
  /** Answers what helm says; rejects with what it complains of. A chart is named by its folder. */
  helm(...args: readonly string[]): Promise<string>
}

export interface ChartOptions {
  /** Of all charts, and of our images where nothing else is said; default: the one of the checkout. */
  readonly version?: string
  /** Default: the one that we test with, built unless it is there. */
  readonly program?: string
}

/** Whether the user's helm packs as ours does. Nobody then waits minutes for ours. */
export const usersHelm = async (env = process.env): Promise<string | undefined> =>
  run('helm', ['version', '--template={{.Version}}'], { env }).then(
    ({ stdout }) => (Number(/^v?(\d+)\./.exec(stdout)?.[1]) >= oldestMajor ? 'helm' : undefined),
    () => undefined,
  )

const oldestMajor = 4

/** A folder with all charts, complete, and helm in it. */
export async function openCharts(
  say: (sentence: string) => void,
  { version, program: given }: ChartOptions = {},
): Promise<Charts> {
  const program = given ?? join(await buildProgram('helm', say), 'helm')
  const place = await mkdtemp(join(tmpdir(), 'penstock-charts-'))
  const folder = join(place, 'charts')
  await stageCharts(folder, version)
  const home = join(place, 'helm')
  const env = { ...process.env, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home }
  return {
    folder,
    helm: async (...args) => (await run(program, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })).stdout,
    [Symbol.asyncDispose]: () => rm(place, { recursive: true }),
  }
}
