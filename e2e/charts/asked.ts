// A real API server, with kubectl and helm to ask it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubernetesFolder, startControlPlane } from '@penstock/testkit'
import { type Charts, openCharts } from '@penstock/tools/helm'

const run = promisify(execFile)

export interface Asked extends AsyncDisposable {
  readonly charts: Charts
  /** Answers what it prints. */
  kubectl(args: readonly string[], input?: string): Promise<string>
  helm(...args: readonly string[]): Promise<string>
}

export async function startAsked(): Promise<Asked> {
  const [charts, plane] = await Promise.all([openCharts(console.error), startControlPlane()])
  const program = join(await kubernetesFolder(), 'kubectl')
  const kubectl: Asked['kubectl'] = async (args, input = '') => {
    const asking = run(program, ['--kubeconfig', plane.kubeconfig, ...args], { maxBuffer: 64 * 1024 * 1024 })
    asking.child.stdin?.end(input)
    return (await asking).stdout
  }
  return {
    charts,
    kubectl,
    helm: (command = '', ...args) => charts.helm(command, '--kubeconfig', plane.kubeconfig, ...args),
    [Symbol.asyncDispose]: async () => {
      await plane.stop()
      await charts[Symbol.asyncDispose]()
    },
  }
}
