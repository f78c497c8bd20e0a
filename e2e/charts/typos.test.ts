// A wrong key, or a value that cannot be, anywhere in the values of any chart of ours, is refused with its path; made from
// the schemas themselves, and from what services refuse when they start.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { secretServices } from '@penstock/cli'
import { applications } from '@penstock/tools/chart-folders'
import { type Charts, openCharts } from '@penstock/tools/helm'
import { settingsOf } from '@penstock/tools/service-settings'
import { isOpen, placesOf, schemaOf, variableOf, withTypos, withWrong, wrongs } from './values-schema.ts'

jest.setTimeout(120_000)

/** Where Kubernetes has the word: an API server refuses a field that it does not know, with its path. */
const ofKubernetes = [
  /\/pod\/(affinity|tolerations|tolerations\/0|topologySpreadConstraints\/0|securityContext|containerSecurityContext)$/,
  /\/networkPolicy\/(metricsFrom|clientsFrom|egress)$/,
  /\/proxies\/from$/,
  // Of the data planes.
  /^\/gatewayClasses\/any\/config\/(bootstrap|overlays\/0\/patch)$/,
  // Helm's own.
  /\/penstock-library\/global$/,
]

let charts: Charts
beforeAll(async () => {
  charts = await openCharts(console.error)
})
afterAll(async () => {
  await charts?.[Symbol.asyncDispose]()
})

/** The places that helm complains of in such words, of the chart itself. */
async function refused(chart: string, values: unknown, words: string): Promise<readonly string[]> {
  const file = join(charts.folder, 'typos.json')
  await writeFile(file, JSON.stringify(values))
  const said = await charts.helm('template', chart, '--values', file).then(() => '', String)
  const own = said.slice(said.indexOf(`\n${chart}:\n`)).split(/\n\S+:\n/)[1] ?? ''
  return [...own.matchAll(new RegExp(`at '([^']*)': ${words}`, 'g'))].map(([, path = '']) => path)
}

function refuses(judge: () => unknown): boolean {
  try {
    judge()
    return false
  } catch {
    return true
  }
}

describe('a typo', () => {
  const words = "additional properties 'tpyo' not allowed"

  it.each(applications)('is refused in every map of %s, with its path', async (chart) => {
    const schema = schemaOf(charts.folder, chart)
    const places = [...placesOf(schema)]
    const closed = places.filter((place) => place.schema.additionalProperties === false).map(({ path }) => path)
    expect(await refused(chart, withTypos(schema), words)).toEqual(expect.arrayContaining(closed))
    const open = places.filter((place) => isOpen(place.schema)).map(({ path }) => path)
    expect(open.filter((path) => !ofKubernetes.some((pattern) => pattern.test(path)))).toEqual([])
  })

  it('is refused in a part that is left out', async () => {
    expect(await refused('penstock', { nats: { enabled: false, tpyo: 3 } }, words)).toEqual(['/nats'])
  })
})

describe('a value that cannot be', () => {
  it.each(
    Object.entries(wrongs).flatMap(([word, wrong]) => applications.map((chart) => [word, chart, wrong] as const)),
  )('for its %s is refused in every place of %s, with its path', async (_, chart, wrong) => {
    const schema = schemaOf(charts.folder, chart)
    const places = [...placesOf(schema)].filter((place) => wrong(place.schema) !== undefined).map(({ path }) => path)
    // Not for its type.
    expect(await refused(chart, withWrong(schema, wrong) ?? {}, '(?!got )')).toEqual(expect.arrayContaining(places))
  })

  it.each(secretServices)('for %s, which would not start with it, is refused by its chart', async (service) => {
    for (const value of [-1, 1e15, 'tpyo', 'me@host']) {
      const unusable = settingsOf(service).filter(({ parse }) => refuses(() => parse(String(value))))
      const names = Object.keys(schemaOf(charts.folder, service).properties?.['settings']?.properties ?? {})
      const wrong = names.filter((name) => unusable.some(({ env }) => env === variableOf(name)))
      const settings = Object.fromEntries(wrong.map((name) => [name, value]))
      const paths = wrong.map((name) => `/settings/${name}`)
      expect(await refused(service, { settings }, '')).toEqual(expect.arrayContaining(paths))
    }
  })
})
