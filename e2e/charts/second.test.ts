// A second installation in a cluster, as the page of the manual says: it has no object of the first, and is stopped before it
// takes one.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kubernetesIsBuilt } from '@penstock/testkit'
import type { Charts } from '@penstock/tools/helm'
import { type Asked, startAsked } from './asked.ts'
import { openCharts } from './open-charts.ts'
import { namespace, render } from './release.ts'

jest.setTimeout(120_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip

const page = readFileSync(resolve(import.meta.dirname, '../../docs/install.md'), 'utf8')
/** What the page says to the second. */
const values = /\n## A second installation\n[^]*?\n```yaml\n([^]*?)\n```\n/.exec(page)?.[1] ?? ''
const onlyNames = ['--set', 'global.install=second,global.controllerName=example.com/second']
const other = 'second-system'

async function saidTo(charts: Charts): Promise<readonly string[]> {
  const file = join(charts.folder, 'second-values.yaml')
  await writeFile(file, values)
  return ['--values', file, '--namespace', other]
}

describe('a second installation', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => charts?.[Symbol.asyncDispose]())

  const monitored = ['--set', 'global.monitoring.enabled=true']
  async function objectsOf(...args: readonly string[]): Promise<readonly string[]> {
    const objects = await render(charts, 'penstock', ...monitored, ...args)
    return objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`)
  }

  it('has no object that the first has', async () => {
    const first = await objectsOf()
    const second = await objectsOf(...(await saidTo(charts)))
    expect(second.filter((object) => first.includes(object))).toEqual([])
    const kinds = (objects: readonly string[]): object =>
      Object.groupBy(
        objects.filter((object) => object.includes('//')),
        (object) => object.split('/')[0] ?? '',
      )
    const ofNoNamespace = ['ClusterRole', 'ClusterRoleBinding', 'GatewayClass', 'ValidatingAdmissionPolicy']
    for (const objects of [first, second]) {
      expect(Object.keys(kinds(objects)).sort()).toEqual([...ofNoNamespace, 'ValidatingAdmissionPolicyBinding'])
    }
  })

  it('would have the classes of the first, were they not named', async () => {
    const first = await objectsOf()
    const second = await objectsOf(...onlyNames, '--namespace', other)
    const classes = ['GatewayClass//penstock', 'GatewayClass//penstock-agentgateway']
    expect(second.filter((object) => first.includes(object)).sort()).toEqual(classes)
  })
})

suite('a second installation, in a cluster', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await startAsked()
    await asked.helm('install', 'penstock-crds', 'penstock-crds', '--namespace', namespace, '--create-namespace')
    await asked.kubectl(['wait', 'crd', '--all', '--for=condition=Established', '--timeout=60s'])
    await asked.helm('install', 'penstock', 'penstock', '--namespace', namespace, '--no-hooks')
    await asked.kubectl(['create', 'namespace', other])
  })
  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]()
  })

  const second = (...args: readonly string[]): Promise<string> =>
    asked.helm('install', 'second', 'penstock', '--namespace', other, '--no-hooks', ...args)

  it('is told which class is of another, also by who would take it over', async () => {
    for (const more of [[], ['--take-ownership']]) {
      const sentence = 'the GatewayClass penstock is there, of the controller penstock.dev/gateway-controller'
      await expect(second(...onlyNames, ...more)).rejects.toThrow(sentence)
    }
  })

  it('is taken beside the first, as the page says', async () => {
    await expect(second(...(await saidTo(asked.charts)))).resolves.toContain('STATUS: deployed')
    const upgraded = asked.helm('upgrade', 'penstock', 'penstock', '--namespace', namespace, '--no-hooks')
    await expect(upgraded).resolves.toContain('STATUS: deployed')
  })
})
