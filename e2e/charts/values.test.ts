// Nothing can be said to a chart that no test says: every value stands in a file of some `ci` folder, every switch is on
// and off, every word of a choice is chosen. And what is set reaches its service.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { parse } from 'yaml'
import { openCharts } from './open-charts.ts'
import { render, triedCases, valuesOf } from './release.ts'
import { placesOf, type Schema, schemaOf, variableOf } from './values-schema.ts'
import { workloadsOf } from './workload.ts'

jest.setTimeout(120_000)

const services = ['watcher', 'translator', 'xds-server', 'agentgateway-server', 'status-reporter', 'infra-manager']
/** Charts whose templates are the same: a value that one of them is tried with is tried. */
const groups: readonly (readonly string[])[] = [
  services,
  ...applications.filter((chart) => !services.includes(chart)).map((chart) => [chart]),
]

type Values = Readonly<Record<string, unknown>>

const at = (values: unknown, path: string): unknown =>
  path
    .split('/')
    .slice(1)
    .reduce((above, key) => (typeof above === 'object' && above !== null ? (above as Values)[key] : undefined), values)

/** What is said to these charts, by themselves or through the umbrella; what is for all of them counts as said to it. */
async function saidTo(charts: readonly string[]): Promise<readonly Values[]> {
  const cases = await triedCases()
  const values = await Promise.all(cases.map(async (one) => [one.chart, await valuesOf(one)] as const))
  const own = values.filter(([chart]) => charts.includes(chart)).map(([, said]) => said)
  const whole = values.filter(([chart]) => chart === 'penstock').map(([, said]) => said)
  const parts = whole.flatMap((said) => charts.flatMap((chart) => (said[chart] ? [said[chart] as Values] : [])))
  const forAll = values.map(([, { global }]) => ({ global }))
  return [...own, ...parts, ...(charts.includes('penstock') ? forAll : [])]
}

/** The values that have to be said, but for `others`; settings have a test of their own. */
function leavesOf(schema: Schema, others: readonly string[]): ReadonlyMap<string, Schema> {
  const leaves = [...placesOf(schema)].filter(({ path, schema: { properties } }) => {
    const [, first = '', ...deeper] = path.split('/')
    const isOther =
      [...others, 'penstock-library', 'settings'].includes(first) || (first === 'gatewayClasses' && deeper.length > 0)
    return path !== '' && properties === undefined && !isOther && !/\/(0|any)(\/|$)/.test(path)
  })
  return new Map(leaves.map(({ path, schema: leaf }) => [path, leaf]))
}

/** What nobody says of it. */
function unsaid(path: string, schema: Schema, defaults: Values, said: readonly Values[]): readonly string[] {
  const heard: readonly unknown[] = [defaults, ...said]
    .map((values) => at(values, path))
    .filter((value) => value !== undefined)
  // The words of a setting are a matter of the service, not of a template.
  const words = path.includes('/settings/') ? [] : (schema.enum ?? [])
  const wanted = schema.type === 'boolean' ? [true, false] : words
  const missing = wanted.filter((value) => !heard.includes(value)).map((value) => `${path} is never ${value}`)
  if (wanted.length > 0) return missing
  const usual = JSON.stringify(at(defaults, path))
  return heard.some((value) => JSON.stringify(value) !== usual) ? [] : [`${path} is never said`]
}

describe('the values', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  it.each(groups)('of %s are all said in some file', async (...group) => {
    const said = await saidTo(group)
    const others = group.includes('penstock') ? applications : ['global']
    const missing = new Set<string>()
    for (const chart of group) {
      const defaults = parse(await charts.helm('show', 'values', chart)) as Values
      for (const [path, schema] of leavesOf(schemaOf(charts.folder, chart), others)) {
        for (const sentence of unsaid(path, schema, defaults, said)) missing.add(sentence)
      }
    }
    expect([...missing]).toEqual([])
  })

  it.each(services)('of %s that are settings reach it', async (chart) => {
    const settings = schemaOf(charts.folder, chart).properties?.['settings']?.properties ?? {}
    const values = Object.entries(settings).map(([name, schema]) => [name, sampleOf(schema)] as const)
    const args = values.map(([name, value]) => `settings.${name}=${JSON.stringify(value)}`)
    const objects = await render(charts, chart, ...args.flatMap((arg) => ['--set-json', arg]))
    const [container] = workloadsOf(objects).flatMap(({ pod }) => pod.containers)
    const told = new Map((container?.env ?? []).map(({ name, value }) => [name, value]))
    for (const [name, value] of values) {
      const variable = variableOf(name)
      expect([variable, told.get(variable)]).toEqual([variable, String(value)])
    }
  })
})

/** The largest number, which floating would be told as 1e+07. */
const sampleOf = ({ type, enum: words, maximum }: Schema): unknown =>
  words?.at(-1) ?? maximum ?? (type === 'boolean' ? true : 'some')
