// The chart of the kinds, installed by helm into a real API server.
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { kubernetesIsBuilt, until } from '@penstock/testkit'
import { type Channel, gatewayApiObjects } from '@penstock/tools/gateway-api-files'
import { parseAllDocuments } from 'yaml'
import { type Asked, startAsked } from './asked.ts'
import { triedCases } from './release.ts'

jest.setTimeout(300_000)
const suite = (await kubernetesIsBuilt()) ? describe : describe.skip
const release = ['penstock-crds', 'penstock-crds', '--namespace', 'penstock-system']
const ours = 'gatewayconfigs.penstock.dev'
const cases = (await triedCases()).filter(({ chart }) => chart === 'penstock-crds')
const isDefinition = ({ kind }: { readonly kind: string }): boolean => kind === 'CustomResourceDefinition'

interface Definition {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
}

suite('the chart of the kinds', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await startAsked()
    await asked.kubectl(['create', 'namespace', 'penstock-system'])
  })
  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    await asked.helm('uninstall', 'penstock-crds', '--namespace', 'penstock-system', '--ignore-not-found')
    await asked.kubectl(['delete', 'validatingadmissionpolicies', '--all'])
    await asked.kubectl(['delete', 'crds', '--all', '--wait=false'])
    // An API server that could not look for objects of a kind yet looks again after minutes, or when the kind is touched.
    await until(
      'the kinds are gone',
      async () => {
        await asked.kubectl(['annotate', 'crds', '--all', '--overwrite', `touched=${Date.now()}`]).catch(() => '')
        return (await definitions()).length === 0
      },
      60_000,
    )
  })

  const definitions = async (): Promise<readonly Definition[]> =>
    (JSON.parse(await asked.kubectl(['get', 'crds', '--output=json'])) as { items: Definition[] }).items
  /** Their channels by their names. */
  const found = async (): Promise<object> =>
    Object.fromEntries(
      (await definitions()).map(({ metadata }) => [
        metadata.name,
        metadata.annotations?.['gateway.networking.k8s.io/channel'],
      ]),
    )
  async function published(channel: Channel): Promise<object> {
    const items = (await gatewayApiObjects(channel)).filter(isDefinition)
    return Object.fromEntries(items.map(({ metadata }) => [metadata.name, channel]))
  }

  const heldBy = async (name: string): Promise<readonly string[]> =>
    (await definitions())
      .filter(({ metadata }) => metadata.annotations?.['meta.helm.sh/release-name'] === name)
      .map(({ metadata }) => metadata.name)
      .sort()

  it.each(cases)('is without a fault with $file', async ({ args }) => {
    await asked.charts.helm('lint', '--strict', 'penstock-crds', ...args)
  })

  it.each(['standard', 'experimental'] as const)('renders the %s channel as it is published', async (channel) => {
    const text = await asked.charts.helm('template', ...release, '--set', `gatewayApi.channel=${channel}`)
    const rendered = parseAllDocuments(text).map((document) => document.toJS() as Definition)
    const expected = (await gatewayApiObjects(channel)).map((object) =>
      isDefinition(object)
        ? {
            ...object,
            metadata: {
              ...object.metadata,
              annotations: { ...object.metadata.annotations, 'helm.sh/resource-policy': 'keep' },
            },
          }
        : object,
    )
    const names = ({ kind, metadata }: Definition): string => `${kind} ${metadata.name}`
    const byName = (objects: readonly Definition[]): object => Object.fromEntries(objects.map((o) => [names(o), o]))
    expect(byName(rendered.filter(({ metadata }) => metadata.name !== ours))).toEqual(byName(expected))
  })

  it.each(['standard', 'experimental'] as const)('installs the %s channel, in a release that fits', async (channel) => {
    await asked.helm('install', ...release, '--set', `gatewayApi.channel=${channel}`)
    expect(await found()).toEqual({ ...(await published(channel)), [ours]: undefined })
    const secret = await asked.kubectl(['get', 'secrets', '--namespace=penstock-system', '--output=json'])
    const [{ data }] = (JSON.parse(secret) as { items: [{ data: { release: string } }] }).items
    const bytes = Buffer.from(data.release, 'base64').length
    console.log(`the release with the ${channel} channel: ${bytes} of 1048576 bytes`)
    expect(bytes).toBeLessThan(700_000)
  })

  it('touches nothing of a Gateway API that somebody else installed, and says so', async () => {
    const before = (await gatewayApiObjects('standard')).filter(isDefinition).slice(0, 3)
    await asked.create(before)
    const said = await asked.helm('install', ...release)
    expect(said).toContain('somebody else')
    expect(said).toContain(`${before[0]?.metadata.name} (v1.7.0, standard)`)
    const names = [...before.map(({ metadata }) => metadata.name), ours]
    expect(Object.keys(await found()).sort()).toEqual(names.sort())
  })

  it('makes what somebody else installed its own when it is told to', async () => {
    await asked.create((await gatewayApiObjects('standard')).filter(isDefinition))
    const adopted = ['--set=adopt=true', '--take-ownership', '--force-conflicts']
    const said = await asked.helm('install', ...release, ...adopted)
    expect(said).not.toContain('somebody else')
    expect(await heldBy('penstock-crds')).toEqual([...Object.keys(await published('standard')), ours].sort())
  })

  it('makes them its own later, in the channel that is there, when it had been told to leave them alone', async () => {
    await asked.create(await gatewayApiObjects('experimental'))
    await asked.helm('install', ...release, '--set=gatewayApi.channel=none')
    expect(await heldBy('penstock-crds')).toEqual([ours])
    const adopted = ['--set=adopt=true', '--take-ownership', '--force-conflicts']
    await asked.helm('upgrade', ...release, '--set=gatewayApi.channel=experimental', ...adopted)
    expect(await heldBy('penstock-crds')).toEqual([...Object.keys(await published('experimental')), ours].sort())
  })

  it('brings what a newer release of the chart has, and keeps all of it when it is uninstalled', async () => {
    await asked.helm('install', ...release)
    const old = `[{"op":"remove","path":"/spec/versions/0/additionalPrinterColumns"}]`
    await asked.kubectl(['patch', 'crd', ours, '--type=json', `--patch=${old}`])
    await asked.helm('upgrade', ...release, '--force-conflicts')
    const columns = '--output=jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}'
    expect(await asked.kubectl(['get', 'crd', ours, columns])).toBe('Plane Image Age')
    await asked.helm('uninstall', 'penstock-crds', '--namespace', 'penstock-system')
    expect(await found()).toEqual({ ...(await published('standard')), [ours]: undefined })
    await asked.helm('install', ...release)
    expect(await heldBy('penstock-crds')).toHaveLength(Object.keys(await found()).length)
  })

  it('changes from the standard channel to the experimental one in two steps, as its policy asks', async () => {
    await asked.helm('install', ...release)
    const experimental = ['upgrade', ...release, '--set', 'gatewayApi.channel=experimental']
    await expect(asked.helm(...experimental)).rejects.toThrow('safe-upgrades.gateway.networking.k8s.io')
    await asked.helm('upgrade', ...release, '--set', 'gatewayApi.safeUpgrades=false')
    await asked.helm(...experimental)
    expect(await found()).toEqual({ ...(await published('experimental')), [ours]: undefined })
  })

  it('brings our kinds alone where those of the Gateway API are not asked for', async () => {
    await asked.helm('install', ...release, '--set', 'gatewayApi.channel=none')
    expect(await found()).toEqual({ [ours]: undefined })
  })
})
