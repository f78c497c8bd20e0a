// What an operator finds out at three in the morning, with nothing but HTTP: is it ready and if not why, what does it
// believe of an object and since which commit, how far is its bus. And what nobody finds out there: a private key.
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '@penstock/testkit'
import { pairs } from '../plane-envoy/certificates.ts'
import { endpointSlice, gateway, gatewayClass, httpRoute, service, tlsSecret } from './manifests.ts'
import { type Operated, type OperatedServices, operated, startOperated } from './operated-services.ts'

jest.setTimeout(30_000)

const group = 'gateway.networking.k8s.io'
const routeKey = `${group}/HTTPRoute/default/web`
const https = { name: 'https', port: 443, hostname: 'one.example.com', secret: 'one' }
let services: OperatedServices

beforeAll(async () => {
  services = await startOperated({
    'gateway.yaml': [gatewayClass(), gateway({ name: 'http', port: 80 }, https), tlsSecret('one', pairs.one)],
    'v1.yaml': [service('v1'), endpointSlice('v1', 8_000)],
    'web.yaml': [httpRoute('web', { host: 'web.example.com' }), httpRoute('half')],
  })
  for (const name of operated) await until(`${name} is ready`, async () => (await ask(name, '/readyz')).status === 200)
  await until('the proxy has it all', async () => {
    const { writtenAt } = (await page('status-reporter', `statuses/${routeKey}`)) as { writtenAt?: string }
    return writtenAt !== undefined && (await shownKeys('xds-server', 'secrets')).length > 0
  })
})

afterAll(async () => services[Symbol.asyncDispose]())

const ask = (name: Operated, path: string) => services.ask(name, path)
const page = async (name: Operated, path: string): Promise<unknown> => (await ask(name, `/debug/${path}`)).body
const encoded = (key: string): string => key.split('/').map(encodeURIComponent).join('/')

async function shownKeys(name: Operated, collection: string): Promise<string[]> {
  return ((await page(name, `collections/${encoded(collection)}`)) as { keys: string[] }).keys
}

interface BusPage {
  readonly connection: { readonly connected: boolean }
  readonly channels: readonly Readonly<Record<string, unknown>>[]
}

const channelOf = async (name: Operated, channel: string, does: string) =>
  ((await page(name, 'bus')) as BusPage).channels.find((each) => each['channel'] === channel && each['does'] === does)

describe('every service', () => {
  it.each(operated)('%s is alive and ready, and says which checks hold since when', async (name) => {
    expect(await ask(name, '/livez')).toMatchObject({ status: 200, body: { alive: true } })
    const { body } = await ask(name, '/readyz')
    const { checks } = body as { checks: { name: string; state: string; since: string }[] }
    expect(checks.length).toBeGreaterThan(1)
    for (const { state, since } of checks) expect([state, Number.isNaN(Date.parse(since))]).toEqual(['passing', false])
  })

  it.each(operated)('%s counts', async (name) => {
    expect((await ask(name, '/metrics')).text).toMatch(/^penstock_service_ready 1$/m)
  })

  it.each<[Operated, string, string]>([
    ['watcher', 'resource', 'publishes'],
    ['translator', 'resource', 'follows'],
    ['translator', 'ir', 'publishes'],
    ['translator', 'status', 'publishes'],
    ['xds-server', 'ir', 'follows'],
    ['xds-server', 'feedback', 'announces'],
    ['status-reporter', 'status', 'follows'],
    ['status-reporter', 'feedback', 'listens'],
  ])('%s says how far it is on the channel %s, which it %s', async (name, channel, does) => {
    expect(await page(name, 'bus')).toMatchObject({ connection: { connected: true }, leadership: {}, service: name })
    const progress = {
      publishes: { leading: true, term: expect.any(Number), lastCommit: expect.any(Number), pending: false },
      follows: { synced: true, applied: expect.any(Number), undelivered: 0, waitingRecords: 0 },
      announces: { records: 1, due: 0 },
      listens: { records: 1, readingAll: false },
    }[does]
    const stream = `operated_${channel}_v1_local`
    expect(await channelOf(name, channel, does)).toMatchObject({ channel, stream, does, ...progress })
  })
})

describe('one object', () => {
  it('is followed from its file to its status, with the commit that each service knows it by', async () => {
    const published = await page('watcher', `resources/${routeKey}`)
    const value = { kind: 'HTTPRoute', spec: { hostnames: ['web.example.com'] } }
    expect(published).toMatchObject({ from: { file: 'web.yaml', line: expect.any(Number) }, published: true, value })
    const [written] = (await page('watcher', `bus/resource/${routeKey}`)) as { writtenBy: number }[]
    const [read] = (await page('translator', `bus/resource/${routeKey}`)) as { changedBy: number }[]
    expect(read).toMatchObject({ inStream: true, changedBy: written?.writtenBy })

    const ruleKey = encoded('http_rule/HTTPRoute/default/web/#0')
    const [irWritten] = (await page('translator', `bus/ir/${ruleKey}`)) as { writtenBy: number }[]
    expect(await page('xds-server', `bus/ir/${ruleKey}`)).toMatchObject([{ changedBy: irWritten?.writtenBy }])
    expect(await page('status-reporter', `statuses/${routeKey}`)).toMatchObject({
      key: routeKey,
      irCommit: irWritten?.writtenBy,
      fleets: [{ name: 'local', verdict: { status: 'True' } }],
      ...{ leading: true, waits: false, writtenAt: expect.any(String) },
      wanted: { source: { kind: 'HTTPRoute', name: 'web' } },
    })
    const [ofServer] = (await page('xds-server', 'fleets/local')) as [unknown]
    expect(ofServer).toMatchObject({ fleet: 'local', proxies: [{ proxy: 'proxy-1', behind: { commits: 0, ms: 0 } }] })
    expect(await page('status-reporter', 'fleets')).toMatchObject({ local: { proxies: [{ proxy: 'proxy-1' }] } })
  })

  it.each<[Operated, string]>([
    ['translator', 'routes'],
    ['xds-server', 'http_rule'],
  ])('is explained by %s: its value, what it read, who read it, how often it was computed', async (name, word) => {
    const collections = (await page(name, 'collections')) as { name: string; keys: number }[]
    const sizes = collections.filter((each) => each.keys > 0)
    expect(sizes.map((each) => each.name).join()).toContain(word)
    const explained = await Promise.all(
      sizes.map(async (each) => {
        const [key = ''] = await shownKeys(name, each.name)
        return page(name, `collections/${encoded(each.name)}/${encoded(key)}`)
      }),
    )
    expect(explained).toHaveLength(sizes.length)
    for (const each of explained) expect(each).toMatchObject({ state: 'present', runs: expect.any(Number) })
    expect(explained.filter((each) => (each as { reads: unknown[] }).reads.length > 0)).not.toEqual([])
    expect(explained.filter((each) => (each as { readBy: unknown[] }).readBy.length > 0)).not.toEqual([])
  })

  it('that is refused is found by its file and its line', async () => {
    const wrong = { ...httpRoute('bad'), spec: { parentRefs: [{ name: 'gw' }], rulez: [] } }
    services.write('bad.yaml', wrong)
    await until('it is read', async () => (await ask('watcher', '/debug/files/bad.yaml')).status === 200)
    expect(await page('watcher', 'files/bad.yaml')).toMatchObject({
      documents: [{ accepted: false, key: `${group}/HTTPRoute/default/bad`, refusals: [{ path: 'spec.rulez' }] }],
    })
    const files = (await page('watcher', 'files')) as { file: string; refused: number }[]
    expect(files.find(({ file }) => file === 'bad.yaml')).toMatchObject({ documents: 1, refused: 1 })
    expect(await page('watcher', `resources/${group}/HTTPRoute/default/bad`)).toMatchObject({ published: false })
    expect((await ask('watcher', `/debug/resources/${group}/HTTPRoute/default/none`)).status).toBe(404)
  })
})

describe('a private key', () => {
  /** All pages of a service: every collection, every key, every list. */
  async function everything(name: Operated): Promise<string> {
    const texts: string[] = []
    const take = async (path: string): Promise<unknown> => {
      const { text, body } = await ask(name, path)
      texts.push(text)
      return body
    }
    const { pages } = (await take('/debug')) as { pages: string[] }
    for (const each of pages) await take(each)
    if (pages.includes('/debug/collections')) {
      for (const { name: collection } of (await page(name, 'collections')) as { name: string }[]) {
        for (const key of await shownKeys(name, collection)) {
          await take(`/debug/collections/${encoded(collection)}/${encoded(key)}`)
        }
      }
    }
    for (const key of ['/Secret/default/one', `${group}/Gateway/default/gw`]) await take(`/debug/resources/${key}`)
    return texts.join('\n')
  }

  it.each(operated)('is on no page of %s, neither open nor sealed', async (name) => {
    const seen = await everything(name)
    const [, middle = ''] = pairs.one.keyPem.split('\n')
    const base64 = Buffer.from(pairs.one.keyPem).toString('base64')
    for (const part of [middle, Buffer.from(middle).toString('base64').slice(2, -4), base64.slice(60, 120)]) {
      expect(seen).not.toContain(part)
    }
    expect(seen).not.toMatch(/"box": "(?!\(hidden\))/)
    expect(seen).not.toContain('PRIVATE KEY')
  })

  it('is where the pages were looked at', async () => {
    expect(await everything('translator')).toContain('(hidden)')
    expect(await page('watcher', 'resources//Secret/default/one')).toMatchObject({
      value: { tls: { keyPem: { box: '(hidden)' } } },
    })
    const [key = ''] = await shownKeys('xds-server', 'secrets')
    expect(await page('xds-server', `collections/secrets/${encoded(key)}`)).toMatchObject({
      value: { body: expect.stringMatching(/^\(\d+ bytes/) },
    })
  })
})
