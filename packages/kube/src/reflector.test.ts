// Misfortunes that only the fake API server can be made to have.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeKubeApi, until } from '@penstock/testkit'
import { accessTo } from './access.ts'
import { startFakeServer } from './contract/fake-server.ts'
import { createRig, define, gateKind, listenTo, quick, type Rig, type Told } from './contract/rig.ts'
import { createKube } from './kube.ts'
import type { KubeLimits } from './limits.ts'

describe('a reflection of an API server in trouble', () => {
  let api: FakeKubeApi
  let rig: Rig
  beforeEach(async () => {
    const server = await startFakeServer()
    api = server.api
    rig = await createRig(server)
    await define(rig.admin, gateKind)
  })
  afterEach(async () => {
    await rig[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
  })

  const isList = (request: string): boolean => /^GET .*gates(?!.*watch=)/.test(request)
  const lists = (): number => api.requests.filter(isList).length
  const watches = (): string[] =>
    api.requests.filter((request) => request.includes('watch=true') && request.includes('gates'))

  /** In contact, with its watch open. */
  async function following(limits: Partial<KubeLimits> = {}): Promise<Told<unknown>> {
    const reflection = listenTo(await rig.connect({ limits }), {
      kind: gateKind,
      scope: { namespaces: [rig.namespace] },
    })
    await until('the watch', () => reflection.state.is === 'synced' && api.watches('gates') === 1)
    reflection.take()
    api.requests.length = 0
    return reflection
  }

  it('lists in one piece when its pages have expired', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await rig.gate(name)
    api.misanswer({ match: /continue=/, status: 410, times: 1 })
    const reflection = listenTo(await rig.connect({ limits: { pageSize: 2 } }), { kind: gateKind })
    await until('the list', () => reflection.state.is === 'synced')
    expect(reflection.batches).toEqual([4])
    expect(api.requests.filter(isList).at(-1)).not.toContain('limit')
  })

  it('tells nothing of half a list', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await rig.gate(name)
    api.misanswer({ match: /continue=/, status: 500 })
    const reflection = listenTo(await rig.connect({ limits: { pageSize: 2 } }), { kind: gateKind })
    await until('a fault', () => reflection.state.is === 'unknown' && reflection.state.fault)
    expect(reflection.changes).toEqual([])
    api.answerRightly()
    await until('the list', () => reflection.state.is === 'synced')
    expect(reflection.batches).toEqual([4])
  })

  it('goes on from where a watch ended, without a list', async () => {
    const reflection = await following()
    for (const how of ['in_order', 'cut'] as const) {
      api.endWatches(how)
      await rig.gate(how.replace('_', '-'))
      await until('the change', () => reflection.take().length === 1)
    }
    expect(lists()).toBe(0)
    expect(reflection.states).toEqual([{ is: 'synced' }])
  })

  it('goes on from the last bookmark, so that a quiet kind is never forgotten', async () => {
    const reflection = await following()
    await rig.admin.create(
      { ...gateKind, group: '', kind: 'ConfigMap', plural: 'configmaps', versions: ['v1'] },
      {
        metadata: { name: 'other', namespace: rig.namespace },
      },
    )
    api.bookmark()
    const other = await rig.admin.list({
      group: '',
      kind: 'ConfigMap',
      plural: 'configmaps',
      versions: ['v1'],
      namespaced: true,
    })
    await rig.gate('a')
    await until('the change', () => reflection.changes.length === 1)
    api.compact()
    api.endWatches('in_order')
    await until('a new watch', () => watches().length === 1)
    const resumed = Number(new URLSearchParams(watches()[0]?.split('?')[1]).get('resourceVersion'))
    expect(resumed).toBeGreaterThan(Number(other[0]?.metadata.resourceVersion))
    expect(lists()).toBe(0)
  })

  it.each([
    ['as a status', () => api.misanswer({ match: /watch=true/, status: 410, times: 1 }), () => api.endWatches('cut')],
    ['as an event', () => {}, () => api.writeToWatches('gates', error(410, 'Expired'))],
  ])('lists again when the server has forgotten, %s', async (_how, prepare, act) => {
    await rig.gate('a')
    const reflection = await following()
    prepare()
    act()
    await until('a list', () => lists() > 0)
    await until('a watch', () => api.watches('gates') === 1)
    await rig.gate('b')
    await until('the change', () => reflection.changes.length === 2)
    expect(reflection.take()).toEqual(['+b'])
  })

  it('goes on after any other error in a watch', async () => {
    const reflection = await following()
    api.writeToWatches('gates', error(500, 'InternalError'))
    await rig.gate('a')
    await until('the change', () => reflection.changes.length === 1)
    expect(lists()).toBe(0)
  })

  it('takes nothing from an event that was cut in the middle', async () => {
    const reflection = await following()
    api.writeToWatches('gates', '{"type":"ADDED","object":{"metadata":{"name":"half"')
    api.endWatches('in_order')
    await rig.gate('whole')
    await until('the change', () => reflection.changes.length === 1)
    expect(reflection.take()).toEqual(['+whole'])
  })

  it('reads an event that comes in pieces, with characters of several bytes', async () => {
    const reflection = await following()
    const object = {
      metadata: { name: 'größe-北京', uid: 'u', resourceVersion: '1000' },
      spec: { text: '☃'.repeat(50_000) },
    }
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    for (let start = 0; start < bytes.length; start += 40_001) {
      api.writeToWatches('gates', bytes.subarray(start, start + 40_001))
    }
    const change = await until('the change', () => reflection.changes[0])
    expect(change.value).toMatchObject({ metadata: { name: 'größe-北京' }, spec: { text: '☃'.repeat(50_000) } })
  })

  it.each(['{"type":"ADDED"}', '[]', 'null', '<html>'])('does not stumble over %s', async (line) => {
    const reflection = await following()
    api.writeToWatches('gates', `${line}\n`)
    await until('a new watch', () => watches().length === 1)
    await rig.gate('a')
    await until('the change', () => reflection.changes.length === 1)
  })

  it('takes no answer for a list that is none', async () => {
    api.misanswer({ match: /gates(?!.*watch=)/, status: 200, times: 2 })
    const reflection = listenTo(await rig.connect(), { kind: gateKind })
    await until('a fault', () => reflection.state.is === 'unknown' && reflection.state.fault)
    expect(reflection.state).toMatchObject({ fault: { code: 'kube_unreadable' } })
    await until('the list', () => reflection.state.is === 'synced')
  })

  it('gives up a line without an end', async () => {
    const reflection = await following({ maxLineBytes: 100_000 })
    api.writeToWatches('gates', 'x'.repeat(200_000))
    await until('a new watch', () => watches().length === 1)
    await rig.gate('a')
    await until('the change', () => reflection.changes.length === 1)
  })

  it('waits as long as an overloaded server asks, and does not load it with a list', async () => {
    const reflection = await following({ retryMaxMs: 2_000 })
    api.misanswer({ match: /watch=true/, status: 429, retryAfter: 1, times: 1 })
    const startMs = performance.now()
    api.endWatches('in_order')
    await rig.gate('a')
    await until('the change', () => reflection.changes.length === 1)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(1_000)
    expect(watches()).toHaveLength(2)
    expect(lists()).toBe(0)
  })

  it('asks less and less often of a server that fails', async () => {
    const reflection = await following({ retryMaxMs: 10_000 })
    api.misanswer({ status: 503 })
    api.endWatches('cut')
    const startMs = performance.now()
    await until('some attempts', () => api.requests.length >= 5)
    // 20, 40, 80 and 160 ms, each at least by half.
    expect(performance.now() - startMs).toBeGreaterThan(130)
    api.answerRightly()
    await until('contact', () => reflection.state.is === 'synced' && !reflection.state.fault)
  })

  it('asks soon again for what it had read, when a server that starts forbids it for a moment', async () => {
    const reflection = await following({ heldRetryMs: 60_000 })
    await api.kill()
    api.misanswer({ match: /^GET .*gates/, status: 403, times: 3 })
    await api.start()
    await until('it was held', () => reflection.states.some(({ is }) => is === 'held'))
    await rig.gate('a')
    await until('it is read', () => reflection.changes.length === 1)
    expect(reflection.state.is).toBe('synced')
  })

  it('knows what is, when the server came back from an older store', async () => {
    await rig.gate('old', { size: 1 })
    const restore = api.snapshot()
    await rig.edit('old', { size: 2 })
    await rig.gate('lost')
    const reflection = await following()
    await api.kill()
    await until('it notices', () => reflection.state.is === 'synced' && reflection.state.fault)
    restore()
    await api.start()
    await until('the difference', () => reflection.changes.length === 4)
    expect(reflection.take().sort()).toEqual(['+old', '-lost'])
    await rig.gate('next')
    await until('what happens next', () => reflection.changes.length === 5)
  })

  it('logs in again with a new token', async () => {
    let token = 'first'
    api.tokens.set('first', 'admin')
    let refreshed = 0
    const access = { ...accessTo(api.url, { token: () => token }), refresh: () => void (refreshed += 1) }
    await using kube = createKube({ access, service: 'test', limits: quick })
    const reflection = listenTo(kube, { kind: gateKind })
    await until('the watch', () => api.watches('gates') === 1)
    api.tokens.delete('first')
    api.endWatches('cut')
    await until('it notices', () => reflection.state.is === 'synced' && reflection.state.fault)
    expect(reflection.states.at(-1)).toMatchObject({ fault: { code: 'kube_unauthorized' } })
    expect(refreshed).toBeGreaterThan(0)
    token = 'second'
    api.tokens.set('second', 'admin')
    await until('contact', () => reflection.state.is === 'synced' && !reflection.state.fault)
  })

  it('finds out what is served in the older way, too', async () => {
    api.legacyDiscovery = true
    const discovery = (await rig.connect()).discover()
    const served = await until('what is served', () => discovery.served)
    expect(served.get('contract.penstock.dev/Gate')).toMatchObject({
      versions: ['v1'],
      subresources: new Set(['status']),
    })
    expect(served.get('/Service')).toMatchObject({ plural: 'services', namespaced: true })
  })
})

const error = (code: number, reason: string): string =>
  `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason, message: reason } })}\n`
