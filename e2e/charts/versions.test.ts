// Charts of another version: what they install is the same but for what says so, and any version can be installed.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from './open-charts.ts'
import { complaints } from './policy.ts'
import { type KubeObject, render } from './release.ts'

jest.setTimeout(120_000)

const withPods = applications.filter((chart) => chart !== 'penstock-crds')
const ofBuild = '1.2.3+abc'
/** The longest that a label takes is cut where it may not end. */
const long = `0.1.0-${'x'.repeat(50)}-+${'y'.repeat(100)}`

const templatesOf = (objects: readonly KubeObject[]): unknown[] =>
  objects.flatMap(({ kind, metadata, spec }) => (spec?.['template'] ? [[kind, metadata.name, spec['template']]] : []))

describe('charts of another version', () => {
  const opened = new Map<string, Charts>()
  beforeAll(async () => {
    for (const version of ['7.0.0', '7.0.1', ofBuild, long]) opened.set(version, await openCharts(version))
  })
  afterAll(async () => {
    for (const charts of opened.values()) await charts[Symbol.asyncDispose]()
  })
  const rendered = (version: string, chart: string, ...args: readonly string[]): Promise<readonly KubeObject[]> =>
    render(opened.get(version) as Charts, chart, ...args)

  it.each(withPods)('of %s restart no pod of the same images', async (chart) => {
    const [before, after] = await Promise.all(
      ['7.0.0', '7.0.1'].map((version) => rendered(version, chart, '--set', 'global.imageTag=same')),
    )
    expect(before).not.toEqual(after)
    expect(templatesOf(after ?? [])).toEqual(templatesOf(before ?? []))
  })

  it.each(withPods.flatMap((chart) => [ofBuild, long].map((version) => [chart, version])))(
    'of %s keep the policy as %s',
    async (chart, version) => {
      expect(complaints(await rendered(version, chart))).toEqual([])
    },
  )

  it('name their image as a registry can hold it', async () => {
    const images = JSON.stringify(await rendered(ofBuild, 'watcher')).match(/"image":"[^"]*"/g)
    expect(images).toEqual(['"image":"registry.example/penstock/watcher:1.2.3_abc"'])
  })
})
