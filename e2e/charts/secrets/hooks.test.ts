// The chart of secrets under a real helm and a real API server: what is there after an install, an upgrade and an uninstall.
// There is no node, so this test runs each job: the command of its pod as a process of its own, with the account of its pod.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { secretTable } from '@penstock/cli'
import { type ControlPlane, kubernetesIsBuilt, startControlPlane, until } from '@penstock/testkit'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from '../open-charts.ts'
import { loginOf } from './login.ts'

jest.setTimeout(180_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
const command = resolve(import.meta.dirname, '../../../apps/cli/dist/main.js')
const run = promisify(execFile)
const names = Object.keys(secretTable).sort()

interface Job {
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly template: { readonly spec: PodSpec }
  }
}
interface CronJob {
  readonly spec: { readonly jobTemplate: Pick<Job, 'spec'> }
}
interface PodSpec {
  readonly serviceAccountName: string
  readonly containers: readonly [{ readonly args: string[] }]
}

suite('helm and the chart of secrets', () => {
  let plane: ControlPlane
  let charts: Charts
  beforeAll(async () => {
    ;[plane, charts] = await Promise.all([startControlPlane(), openCharts()])
  })
  afterAll(async () => {
    await plane?.stop()
    await charts?.[Symbol.asyncDispose]()
  })

  const listed = async (kinds: string, namespace: string): Promise<string[]> =>
    (await plane.kubectl('get', kinds, '--namespace', namespace, '--output=name')).split('\n').filter(Boolean)
  const secretsIn = async (namespace: string): Promise<string[]> =>
    (await listed('secrets', namespace))
      .map((name) => name.slice('secret/'.length))
      .filter((name) => !name.startsWith('sh.helm.'))
      .sort()

  /** What helm does, while its one job is done. Answers what the job said. */
  async function helm(namespace: string, job: string, ...args: readonly string[]): Promise<string> {
    const place = ['--kubeconfig', plane.kubeconfig, '--namespace', namespace, '--timeout=90s']
    const asked = charts.helm(...args, ...place)
    // Told of below, once the job is done.
    asked.catch(() => {})
    let found: Job | undefined
    await until(`${job} is there`, async () => {
      const text = await plane.kubectl(
        ...['get', 'job', job, '--namespace', namespace, '--ignore-not-found', '--output=json'],
      )
      found = text === '' ? undefined : (JSON.parse(text) as Job)
      return found !== undefined
    })
    const said = await work(namespace, (found as unknown as Job).spec.template.spec)
    await finish(namespace, job)
    await asked
    return said
  }

  /** What the pod does. */
  async function work(namespace: string, { serviceAccountName, containers }: PodSpec): Promise<string> {
    const login = await loginOf(plane, namespace, serviceAccountName)
    return (await run(process.execPath, [command, ...containers[0].args, '--kubeconfig', login])).stdout
  }

  async function finish(namespace: string, job: string): Promise<void> {
    const now = new Date(Date.now()).toISOString().replace(/\.\d+Z$/, 'Z')
    const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: now,
    }))
    const status = { startTime: now, completionTime: now, succeeded: 1, conditions }
    const file = join(plane.dir, 'status.json')
    await writeFile(file, JSON.stringify({ status }))
    await plane.kubectl(
      ...['patch', 'job', job, '--namespace', namespace, '--subresource=status', '--type=merge'],
      `--patch-file=${file}`,
    )
  }

  it('makes all Secrets before anything else, leaves no right behind but that to renew, and takes all away', async () => {
    const said = await helm('one', 'secrets-before', 'install', 'secrets', 'secrets', '--create-namespace')
    expect(said).toContain('created watcher')
    expect(await secretsIn('one')).toEqual(names)
    const kinds = 'serviceaccounts,roles,rolebindings,networkpolicies,jobs,cronjobs'
    const left = (await listed(kinds, 'one')).map((name) => name.split('/')[1]).filter((name) => name !== 'default')
    expect(new Set(left)).toEqual(new Set(['secrets']))

    const again = await helm('one', 'secrets-before', 'upgrade', 'secrets', 'secrets')
    expect(again.match(/unchanged/g)).toHaveLength(names.length)

    await helm('one', 'secrets-after', 'uninstall', 'secrets')
    expect(await secretsIn('one')).toEqual([])
    expect((await listed(kinds, 'one')).filter((name) => !name.endsWith('/default'))).toEqual([])
  })

  it('can be upgraded after all sealing keys were lost, and the CronJob has made one', async () => {
    const values = ['--set-string', 'sealingKeys=3,sealBy=2']
    await helm('three', 'secrets-before', 'install', 'secrets', 'secrets', '--create-namespace', ...values)
    await plane.kubectl(...['delete', 'secret', 'watcher', 'xds-server', 'agentgateway-server', '--namespace', 'three'])
    const text = await plane.kubectl('get', 'cronjob', 'secrets', '--namespace', 'three', '--output=json')
    const nightly = (JSON.parse(text) as CronJob).spec.jobTemplate.spec.template.spec
    expect(await work('three', nightly)).toContain('created watcher')
    const upgrade = ['upgrade', 'secrets', 'secrets', ...values]
    expect(await helm('three', 'secrets-before', ...upgrade)).toContain('updated watcher (sealing-keys.json)')
    // It says the same names, and steps nothing.
    expect((await work('three', nightly)).match(/unchanged/g)).toHaveLength(names.length)
  })

  it('leaves them where it is told to, and takes them up again', async () => {
    const install = ['install', 'secrets', 'secrets', '--create-namespace', '--set', 'keep=true']
    await helm('two', 'secrets-before', ...install)
    await charts.helm('uninstall', 'secrets', '--kubeconfig', plane.kubeconfig, '--namespace', 'two')
    expect(await secretsIn('two')).toEqual(names)
    expect((await helm('two', 'secrets-before', ...install)).match(/unchanged/g)).toHaveLength(names.length)
  })
})
