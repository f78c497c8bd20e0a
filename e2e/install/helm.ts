// Helm as an operator has it: with a kubeconfig, and charts that were packed.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { buildProgram } from '@penstock/tools/programs'
import type { Cluster } from '../cluster/cluster.ts'

export type Values = Readonly<Record<string, string | number | boolean>>

export interface Release {
  readonly name: string
  /** The name of the chart; default: that of the release. */
  readonly chart?: string
  readonly namespace: string
  readonly values?: Values
  /** Whether the values of the folder are for it. */
  readonly isWhole?: boolean
}

export interface Helm {
  /** For other programs that are to find helm, kubectl and the cluster. */
  readonly env: NodeJS.ProcessEnv
  /** Installs what is not there and upgrades what is, to exactly these values; resolves when all of it runs. */
  apply(release: Release): Promise<void>
  uninstall(release: Release): Promise<void>
  /** To what was there before the last change. */
  rollBack(release: Release): Promise<void>
}

export interface HelmPlace {
  /** Holds the packed charts, and `values.yaml` for all of them; read when helm is used. */
  readonly folder: string
  /** What helm keeps for itself. */
  readonly home: string
}

const patience = ['--wait', '--timeout=180s']

export async function openHelm({ kubeconfig, bin }: Cluster, { folder, home }: HelmPlace): Promise<Helm> {
  const program = await buildProgram('helm', console.error)
  const homes = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home }
  const env = {
    ...{ ...process.env, ...homes, KUBECONFIG: kubeconfig },
    PATH: [program, bin, process.env['PATH']].join(delimiter),
  }
  const helm = async (...args: readonly string[]): Promise<void> => {
    const running = promisify(execFile)(join(program, 'helm'), args, { env, maxBuffer: 16 * 1024 * 1024 })
    await running.catch((error: { readonly stderr: string }) => {
      throw new Error(`helm ${args.slice(0, 3).join(' ')}: ${error.stderr.slice(-2_000)}`)
    })
  }
  const archiveOf = (chart: string): string => {
    const file = readdirSync(folder).find((each) => new RegExp(`^${chart}-\\d.*\\.tgz$`).test(each))
    if (!file) throw new Error(`no chart ${chart} in ${folder}`)
    return join(folder, file)
  }
  return {
    env,
    async apply({ name, chart = name, namespace, values = {}, isWhole = false }) {
      const place = ['--namespace', namespace, '--create-namespace']
      const all = Object.entries(values).flatMap(([path, value]) => ['--set', `${path}=${value}`])
      const from = [...(isWhole ? ['--values', join(folder, 'values.yaml')] : []), ...all]
      await helm('upgrade', '--install', name, archiveOf(chart), ...place, ...patience, ...from)
    },
    uninstall: ({ name, namespace }) => helm('uninstall', name, '--namespace', namespace, ...patience),
    rollBack: ({ name, namespace }) => helm('rollback', name, '--namespace', namespace, ...patience),
  }
}
