// A wrong key, anywhere in the values of any chart of ours, is refused with its path; made from the schemas themselves.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { applications } from '@penstock/tools/chart-folders'
import type { Charts } from '@penstock/tools/helm'
import { openCharts } from './open-charts.ts'
import { isOpen, placesOf, schemaOf, withTypos } from './values-schema.ts'

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

describe('a typo', () => {
  let charts: Charts
  beforeAll(async () => {
    charts = await openCharts()
  })
  afterAll(async () => {
    await charts?.[Symbol.asyncDispose]()
  })

  /** The places that helm complains of, of the chart itself. */
  async function refused(chart: string, values: unknown): Promise<readonly string[]> {
    const file = join(charts.folder, 'typos.json')
    await writeFile(file, JSON.stringify(values))
    const said = await charts.helm('template', chart, '--values', file).then(() => '', String)
    const own = said.slice(said.indexOf(`\n${chart}:\n`)).split(/\n\S+:\n/)[1] ?? ''
    return [...own.matchAll(/at '(.*)': additional properties 'tpyo' not allowed/g)].map(([, path = '']) => path)
  }

  it.each(applications)('is refused in every map of %s, with its path', async (chart) => {
    const schema = schemaOf(charts.folder, chart)
    const places = [...placesOf(schema)]
    const closed = places.filter((place) => place.schema.additionalProperties === false).map(({ path }) => path)
    expect(await refused(chart, withTypos(schema))).toEqual(expect.arrayContaining(closed))
    const open = places.filter((place) => isOpen(place.schema)).map(({ path }) => path)
    expect(open.filter((path) => !ofKubernetes.some((pattern) => pattern.test(path)))).toEqual([])
  })

  it('is refused in a part that is left out', async () => {
    expect(await refused('penstock', { nats: { enabled: false, tpyo: 3 } })).toEqual(['/nats'])
  })
})
