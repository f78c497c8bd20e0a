// The values that pages show are taken by the charts: YAML without a kind is for the umbrella, or for the chart that its first
// line names (`# values of nats`); those of a chart that is not ours are theirs to judge.
import { globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { parseAllDocuments } from 'yaml'
import { certificateVersions } from './certificate-kinds.ts'
import { monitoringVersions } from './monitoring-kinds.ts'
import { openCharts } from './open-charts.ts'

jest.setTimeout(120_000)

const root = resolve(import.meta.dirname, '../..')
const pages = globSync(['README.md', 'docs/**/*.md', 'charts/**/*.md'], { cwd: root }).sort()

interface ShownValues {
  readonly where: string
  readonly chart: string
  readonly text: string
}

function valuesOf(page: string): ShownValues[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ya?ml\n([^]*?)^```$/gm)].flatMap(({ 1: block = '', index }) => {
    if (parseAllDocuments(block).some((document) => document.has('kind'))) return []
    const chart = /^# values of (.+)\n/.exec(block)?.[1] ?? 'penstock'
    return [{ where: `${page}:${text.slice(0, index).split('\n').length}`, chart, text: block }]
  })
}

describe('values', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => charts?.[Symbol.asyncDispose]())

  const ours = pages.flatMap(valuesOf).filter(({ chart }) => applications.includes(chart))
  it.each(ours)('at $where are taken by $chart', async ({ chart, text }) => {
    const file = join(charts.folder, 'shown-values.yaml')
    await writeFile(file, text)
    const rendered = charts.helm('template', chart, '--values', file, ...certificateVersions, ...monitoringVersions)
    await expect(rendered).resolves.toContain('kind:')
  })
})
