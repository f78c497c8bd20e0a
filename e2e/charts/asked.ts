// A real API server, with kubectl and helm to ask it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubernetesFolder, startControlPlane } from '@penstock/testkit'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from './open-charts.ts'

const run = promisify(execFile)

export interface Asked extends AsyncDisposable {
  readonly charts: Charts
  /** A file, of a user who may do everything. */
  readonly kubeconfig: string
  /** Answers what it prints. */
  kubectl(args: readonly string[], input?: string): Promise<string>
  /** Answers what the API server warns of. */
  create(objects: readonly object[], ...flags: readonly string[]): Promise<string>
  helm(...args: readonly string[]): Promise<string>
}

export async function startAsked(): Promise<Asked> {
  const [charts, plane] = await Promise.all([openCharts(), startControlPlane()])
  const program = join(await kubernetesFolder(), 'kubectl')
  const ask = async (args: readonly string[], input = ''): Promise<{ stdout: string; stderr: string }> => {
    const asking = run(program, ['--kubeconfig', plane.kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 })
    asking.child.stdin?.end(input)
    return await asking
  }
  return {
    charts,
    kubeconfig: plane.kubeconfig,
    kubectl: async (args, input) => (await ask(args, input)).stdout,
    create: async (items, ...flags) =>
      (
        await ask(
          ['create', '-f-', '--validate=strict', ...flags],
          JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
        )
      ).stderr,
    helm: (command = '', ...args) => charts.helm(command, '--kubeconfig', plane.kubeconfig, ...args),
    [Symbol.asyncDispose]: async () => {
      await plane.stop()
      await charts[Symbol.asyncDispose]()
    },
  }
}
