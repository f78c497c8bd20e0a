// A word that can mean nothing is refused by the schema of the chart, with its path: not by a job, or a service, hours later.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { applications } from '@penstock/tools/chart-folders'
import { type Charts, openCharts } from '@penstock/tools/helm'
import { schemaOf } from './values-schema.ts'

jest.setTimeout(120_000)

const placeNames = ['a.b', 'a b', '*', 'a>b', 'Ä', '', 'Prod', '-a', 'a'.repeat(64)]
const keyNames = ['2026.11', 'a b', 'ä', 'a'.repeat(41)]
const registries = [
  'https://r.example.com',
  'r.example.com/',
  'r.example.com:',
  'r.example.com/Team',
  'r example',
  '/team',
]
const serverNames = [
  ...[
    'https://xds.example.com',
    'xds.example.com:443',
    'a b',
    '300.1',
    'ü.example.com',
    'fe80::1%eth0',
    '*',
    'a,b',
    '',
  ],
]

const said = (path: readonly string[], value: unknown): unknown =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)

describe('a word that can mean nothing', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts(console.error)
    await writeFile(join(charts.folder, 'usual.json'), JSON.stringify(said(['global', 'imageRegistry'], 'r.example')))
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  async function rendered(chart: string, values: unknown): Promise<string> {
    const file = join(charts.folder, 'words.json')
    await writeFile(file, JSON.stringify(values))
    return charts.helm('template', 'r', chart, '--values', join(charts.folder, 'usual.json'), '--values', file)
  }

  it.each([
    ['penstock', 'global.install', placeNames],
    ['watcher', 'global.source', placeNames],
    ['penstock', 'global.imageRegistry', registries],
    ['nats', 'reloader.image.registry', registries],
    ['penstock', 'secrets.sealingKeys', keyNames],
    ['secrets', 'sealBy', keyNames],
  ])('is refused in %s, %s', async (chart, path, words) => {
    for (const word of words) {
      const refused = rendered(chart, said(path.split('.'), word))
      await expect(refused).rejects.toThrow(`at '/${path.replaceAll('.', '/')}': '${word}' does not match pattern`)
    }
  })

  it('is refused as a budget: with none that may be away, a node is never emptied', async () => {
    const budgeted = applications.filter((chart) => schemaOf(charts.folder, chart).properties?.['disruptionBudget'])
    expect(budgeted).toEqual(expect.arrayContaining(['nats', 'xds-server']))
    for (const chart of budgeted) {
      const refused = rendered(chart, said(['disruptionBudget', 'maxUnavailable'], 0))
      // Of three servers of NATS two are needed: there is no number to say.
      const why =
        chart === 'nats'
          ? `at '/disruptionBudget': additional properties 'maxUnavailable' not allowed`
          : `at '/disruptionBudget/maxUnavailable': minimum: got 0, want 1`
      await expect(refused).rejects.toThrow(why)
    }
  })

  it('is refused in a list, with its place', async () => {
    const values = { secrets: { moreSources: ['a', ...placeNames], serverNames: ['a', ...serverNames] } }
    const message = await rendered('penstock', values).catch(String)
    for (const [list, words] of [['moreSources', placeNames] as const, ['serverNames', serverNames] as const]) {
      expect(message).not.toContain(`'/secrets/${list}/0'`)
      words.forEach((word, index) =>
        expect(message).toContain(`at '/secrets/${list}/${index + 1}': '${word}' does not match pattern`),
      )
    }
  })

  it.each([
    ['global.imageRegistry', ['r', 'r.example.com', 'r:5000', 'R.example/a/b-c_d.e', '10.0.0.1:5000/x']],
    ['global.install', ['a', 'east-1', '2', 'a'.repeat(63)]],
    ['secrets.sealBy', ['2', '2026-11', 'A_b', 'a'.repeat(40)]],
    ['secrets.serverNames', [['x', '*.example.com', '4f3a', '192.0.2.7', '2001:db8::7', '::ffff:1.2.3.4']]],
  ])('is no other word of %s', async (path, words) => {
    for (const word of words) await rendered('penstock', said(path.split('.'), word))
  })
})
