// What the charts tell the services: variables that the service reads, all of those that it needs, and files that are in its
// Secret. A variable that nobody reads would be a value that silently does nothing.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { secretServices, secretTable } from '@penstock/cli'
import type { Charts } from '@penstock/tools/helm'
import { settingsOf } from '@penstock/tools/service-settings'
import { folderSettings } from '@penstock/watcher'
import { parseAllDocuments } from 'yaml'
import { certificateVersions } from './certificate-kinds.ts'
import { monitoringVersions } from './monitoring-kinds.ts'
import { openCharts } from './open-charts.ts'
import { triedValues } from './tried-values.ts'
import { schemaOf, variableOf } from './values-schema.ts'

jest.setTimeout(120_000)

interface Deployment {
  readonly kind: string
  readonly spec: { readonly template: { readonly spec: PodSpec } }
}
interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly { readonly env: readonly { readonly name: string; readonly value: string }[] }[]
  readonly volumes: readonly {
    readonly secret?: { readonly secretName: string }
    readonly projected?: { readonly sources: readonly { readonly secret: Source }[] }
  }[]
}
interface Source {
  readonly name: string
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

const namespaces = ['--set', 'global.namespaces={team-a,team-b}']
const nats = ['--set', 'global.externalNats.url=nats://n:4222,global.externalNats.tls=true']
const byCertManager = ['--set', 'global.certificates=cert-manager']
const folder = '/etc/penstock/'
const shutdown = 'PENSTOCK_SHUTDOWN_MS'

let charts: Charts
beforeAll(async () => {
  charts = await openCharts()
})
afterAll(async () => charts?.[Symbol.asyncDispose]())

async function podOf(service: string, values: readonly string[]): Promise<PodSpec> {
  const versions = [...monitoringVersions, ...certificateVersions]
  const text = await charts.helm('template', 'release', service, ...versions, ...values)
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Deployment | null)
  const deployment = objects.find((object) => object?.kind === 'Deployment')
  if (!deployment) throw new Error(`${service} has no Deployment`)
  return deployment.spec.template.spec
}

const told = (pod: PodSpec): Map<string, string> =>
  new Map(pod.containers.flatMap(({ env }) => env.map(({ name, value }) => [name, value] as const)))

describe.each(secretServices)('the chart of %s', (service) => {
  const settings = settingsOf(service)

  it('tells it nothing that it does not read, and all that it needs', async () => {
    const needed = settings.filter((setting) => !Object.hasOwn(setting, 'default')).map(({ env }) => env)
    for (const values of [...(await triedValues(service)), namespaces, nats, byCertManager]) {
      const given = [...told(await podOf(service, values)).keys()]
      expect(given.filter((name) => !settings.some(({ env }) => env === name))).toEqual([])
      expect(needed.filter((name) => !given.includes(name))).toEqual([])
    }
  })

  it('offers it nothing that counts for a folder of manifests alone', () => {
    const ofFolders = Object.values(folderSettings).map(({ env }) => env)
    const offered = Object.keys(schemaOf(charts.folder, service).properties?.['settings']?.properties ?? {})
    expect(offered.filter((name) => ofFolders.includes(variableOf(name)))).toEqual([])
  })

  it('tells it in words that it takes', async () => {
    for (const values of [[], namespaces, nats]) {
      for (const [name, value] of told(await podOf(service, values))) {
        const setting = settings.find(({ env }) => env === name)
        expect(() => setting?.parse(value)).not.toThrow()
      }
    }
  })

  it('gives it the time to end that it may take', async () => {
    const taken = Number(settings.find(({ env }) => env === shutdown)?.['default'])
    for (const [args, ms] of [[[], taken] as const, [['--set', 'settings.shutdownMs=600000'], 600_000] as const]) {
      const { terminationGracePeriodSeconds: seconds } = await podOf(service, args)
      expect(seconds * 1_000).toBeGreaterThan(ms + 5_000)
      expect(seconds * 1_000).toBeLessThan(ms + 15_000)
    }
  })

  it('names files that its Secret has, whoever issues certificates', async () => {
    const own = Object.keys(secretTable[service] ?? {})
    for (const values of [nats, [...nats, ...byCertManager]]) {
      const pod = await podOf(service, values)
      const files = [...told(pod).values()].flatMap((value) =>
        value.startsWith(folder) ? [value.slice(folder.length)] : [],
      )
      const sources = pod.volumes.flatMap(({ projected }) => projected?.sources ?? [])
      const mounted = sources.length === 0 ? own : sources.flatMap(({ secret }) => filesOf(service, secret))
      expect(files.filter((file) => !mounted.includes(file))).toEqual([])
      expect(mounted.toSorted()).toEqual(own.toSorted())
    }
  })
})

it('a NATS that is left out has to be elsewhere for each service that is installed', async () => {
  const rendered = (...values: string[]): Promise<string> =>
    charts.helm('template', 'penstock', '--set', ['nats.enabled=false', ...values].join(','))
  const elsewhere = (service: string): string => `${service}.externalNats.url=nats://n:4222`
  const [first = '', ...others] = secretServices
  await expect(rendered()).rejects.toThrow('say where in global.externalNats.url')
  const lacking = rendered(...others.map(elsewhere))
  await expect(lacking).rejects.toThrow(`nothing says where NATS is for ${first}: say where in`)
  for (const told of [['global.externalNats.url=nats://n:4222'], secretServices.map(elsewhere)]) {
    await expect(rendered(...told)).resolves.toContain('nats://n:4222')
  }
  await expect(rendered(`${first}.enabled=false`, ...others.map(elsewhere))).resolves.toContain('nats://n:4222')
})

it('what a service alone is told of an external NATS counts, and of the rest what all are told', async () => {
  const values = [
    'global.externalNats.url=tls://n:4222,global.externalNats.tls=true,global.externalNats.credentials=true',
    'global.externalNats.replicas=3,global.externalNats.authority=theirs,externalNats.url=tls://own:4333',
  ]
  const said = values.flatMap((value) => ['--set', value])
  const own = told(await podOf('watcher', said))
  expect([own.get('PENSTOCK_NATS_URL'), own.get('PENSTOCK_NATS_REPLICAS')]).toEqual(['tls://own:4333', '3'])
  expect([own.has('PENSTOCK_NATS_CA'), own.has('PENSTOCK_NATS_CREDENTIALS')]).toEqual([true, true])
  const plain = told(
    await podOf('watcher', [...said, '--set', 'externalNats.tls=false,externalNats.credentials=false']),
  )
  expect([plain.has('PENSTOCK_NATS_CA'), plain.has('PENSTOCK_NATS_CREDENTIALS')]).toEqual([false, false])
  const elsewhere = told(await podOf('watcher', ['--set', 'externalNats.url=nats://own:4333']))
  expect(elsewhere.get('PENSTOCK_NATS_REPLICAS')).toBe('1')
})

/** Of a source of a volume: cert-manager writes the same three keys into each of its Secrets. */
function filesOf(service: string, { name, items }: Source): string[] {
  if (items) return items.map(({ path }) => path)
  if (name !== service) return ['tls.crt', 'tls.key', 'ca.crt']
  const issued = ['tls.crt', 'tls.key', 'ca.crt', 'ca.key', 'nats-ca.crt']
  return Object.keys(secretTable[service] ?? {}).filter((key) => !issued.includes(key))
}
