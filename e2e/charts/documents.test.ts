// The values that pages show are taken by the charts: YAML without a kind is for the umbrella, or for the chart that its first
// line names (`# values of nats`). Of those of a chart that is not ours, what they name of ours is there.
import { globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { secretTable } from '@penstock/cli'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { parse, parseAllDocuments } from 'yaml'
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

/** What the page of NATS shows of the values of its official chart. */
interface ValuesOfNats {
  readonly config: {
    readonly nats: { readonly tls: { readonly secretName: string } }
    readonly merge: { readonly accounts: { readonly $include: string } }
  }
  readonly podTemplate: { readonly patch: readonly Added<{ readonly secret: { readonly secretName: string } }>[] }
  readonly container: { readonly patch: readonly Added<{ readonly mountPath: string }>[] }
}
interface Added<V> {
  readonly path: string
  readonly value: V & { readonly name: string }
}

describe('values of the official chart of NATS', () => {
  const theirs = pages.flatMap(valuesOf).filter(({ chart }) => chart === 'nats-io/nats')

  it('are shown once', () => expect(theirs.map(({ where }) => where.split(':')[0])).toEqual(['docs/nats.md']))

  it('name files that are in our Secret, where it is mounted', () => {
    const { config, podTemplate, container } = parse(theirs[0]?.text ?? '') as ValuesOfNats
    // A list under `merge` would take the place of that of the chart.
    expect([podTemplate, container].map(Object.keys)).toEqual([['patch'], ['patch']])
    const [volume, mount] = [podTemplate.patch[0], container.patch[0]]
    expect([volume?.path, mount?.path]).toEqual(['/spec/volumes/-', '/volumeMounts/-'])
    expect(volume?.value.name).toBe(mount?.value.name)
    const included = resolve('/etc/nats-config', config.merge.accounts.$include)
    const file = relative(mount?.value.mountPath ?? '', included)
    expect(Object.keys(secretTable[volume?.value.secret.secretName ?? ''] ?? {})).toContain(file)
    const ofTls = Object.keys(secretTable[config.nats.tls.secretName] ?? {})
    expect(ofTls).toEqual(expect.arrayContaining(['tls.crt', 'tls.key']))
  })
})
