import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { basics, type DeliveryRig, fleet, type LogLine, rule, source, startDeliveryRig } from '@penstock/delivery/rig'
import { type IrRecord, kindOf } from '@penstock/ir'
import { envoyTypes } from '@penstock/plane-envoy'
import { until } from '@penstock/testkit'
import type { DeltaClient } from '@penstock/xds'
import { startXdsServer, type XdsService } from './start.ts'

type Rig = DeliveryRig<XdsService>
const startRig = (options: { sealed?: boolean } = {}): Promise<Rig> =>
  startDeliveryRig({ service: 'xds-server', start: startXdsServer, ...options })

let rig: Rig
beforeEach(async () => {
  rig = await startRig()
})
afterEach(async () => {
  await rig[Symbol.asyncDispose]()
})

const told = (event: string): LogLine[] => rig.lines.filter((line) => line.event === event)

/** Asks for what an Envoy asks for, and waits until it has acknowledged `commit`. */
async function follow(client: DeltaClient, commit: number): Promise<void> {
  for (const type of ['cluster', 'listener', 'table', 'scope'] as const) client.subscribe(envoyTypes[type])
  await acknowledged(commit)
}

const acknowledged = (commit: number): Promise<unknown> =>
  until(`commit ${commit} is acknowledged`, () => {
    const proxies = rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies ?? []
    return proxies.length > 0 && proxies.every((proxy) => proxy.acknowledgedCommit >= commit)
  })

describe('before the first whole commit', () => {
  it('it is not ready, and a proxy waits with what it has', async () => {
    const client = rig.proxy('p')
    client.subscribe(envoyTypes.cluster)
    await until('the proxy is there', () => told('fleet_connected').length === 1)
    expect(rig.ready()).toBe(false)
    expect(client.responses).toEqual([])
    const commit = await rig.commit(...basics)
    await follow(client, commit)
    expect(rig.ready()).toBe(true)
    expect([...client.held(envoyTypes.listener).keys()]).toHaveLength(1)
  })
})

describe('an edit', () => {
  it('is told live when every proxy has it, and nobody else is named', async () => {
    const commit = await rig.commit(...basics)
    const quick = rig.proxy('quick')
    let patient = false
    const slow = rig.proxy('slow', { judge: () => (patient ? 'wait' : undefined) })
    await follow(quick, commit)
    await follow(slow, commit)
    patient = true
    const editedMs = Date.now()
    const edit = await rig.commit(rule('foo', '/new', 2))
    await until(
      'the quick one has it',
      () => rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies[0]?.acknowledgedCommit === edit,
    )
    expect(told('live')).toEqual([])
    patient = false
    slow.answer()
    await until('it is live', () => told('live').length > 0)
    expect(told('live')).toEqual([
      {
        ...{ event: 'live', kind: 'HTTPRoute', namespace: 'default', name: 'foo', fleet, commit: edit, proxies: 2 },
        ms: expect.any(Number),
      },
    ])
    expect(told('live')[0]?.['ms']).toBeLessThanOrEqual(Date.now() - editedMs)
  })

  it('that leaves nothing of an object is told gone; one that leaves a part is not', async () => {
    const commit = await rig.commit(...basics, rule('bar', '/'), rule('bar', '/more', 1, '#1'))
    await follow(rig.proxy('p'), commit)
    await acknowledged(await rig.commit(['http_rule/HTTPRoute/default/bar/#1', undefined]))
    await until('it is live', () => told('live').length === 1)
    expect(told('gone')).toEqual([])
    const removal = await rig.commit(['http_rule/HTTPRoute/default/bar/#0', undefined])
    await until('it is gone', () => told('gone').length > 0)
    expect(told('gone')).toEqual([
      {
        ...{ event: 'gone', kind: 'HTTPRoute', namespace: 'default', name: 'bar', fleet, commit: removal, proxies: 1 },
        ms: expect.any(Number),
      },
    ])
    expect(told('live')).toHaveLength(1)
  })
})

describe('a refusal', () => {
  it('is logged once and stands in FEEDBACK with the object that is to blame, until it is healed', async () => {
    const commit = await rig.commit(...basics)
    let refusing = false
    const client = rig.proxy('p', {
      judge: ({ typeUrl }) => (refusing && typeUrl === envoyTypes.table ? 'no such thing' : undefined),
    })
    await follow(client, commit)
    refusing = true
    await rig.commit(rule('foo', '/bad', 2))
    const rejections = (): unknown[] => rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies[0]?.rejections ?? []
    await until('the rejection is on the bus', () => rejections().length === 1)
    expect(rejections()).toMatchObject([
      { typeUrl: envoyTypes.table, message: 'no such thing', sources: [source('HTTPRoute', 'foo', 2)] },
    ])
    expect(told('rejected')).toMatchObject([{ fleet, proxy: 'p', objects: ['HTTPRoute default/foo'] }])
    expect(told('live')).toEqual([])
    refusing = false
    const healed = await rig.commit(rule('foo', '/good', 3))
    await acknowledged(healed)
    expect(rejections()).toEqual([])
    expect(told('rejected')).toHaveLength(1)
    expect(told('live')).toMatchObject([{ name: 'foo', commit: healed }])
  })
})

describe('FEEDBACK', () => {
  it('tells of a fleet without proxies, of each proxy that comes and goes, and ends with the fleet', async () => {
    const commit = await rig.commit(...basics)
    await until('the fleet is told', () => rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies.length === 0)
    const client = rig.proxy('p')
    await follow(client, commit)
    expect(rig.feedback.get(`${fleet}/xds-server.x1`)).toMatchObject({
      ...{ fleet, instance: 'x1' },
      proxies: [{ proxy: 'p', acknowledgedCommit: commit, rejections: [] }],
    })
    client.disconnect()
    await until('it is gone', () => rig.feedback.get(`${fleet}/xds-server.x1`)?.proxies.length === 0)
    await rig.commit([`fleet/${fleet}`, undefined])
    await until('the fleet is gone', () => rig.feedback.size === 0)
  })

  it('is taken back by a server that ends, once its proxies have gone', async () => {
    const client = rig.proxy('p')
    await follow(client, await rig.commit(...basics))
    await rig.service[Symbol.asyncDispose]()
    await client.until(() => client.ended !== undefined)
    expect(client.ended?.code).toBe(14)
    await until('nothing is said', () => rig.feedback.size === 0)
  })

  it('tells that a commit which changed nothing for a proxy is acknowledged too', async () => {
    const client = rig.proxy('p')
    await follow(client, await rig.commit(...basics))
    const before = client.responses.length
    const other: IrRecord = { kind: 'fleet', value: { source: source('Gateway', 'b'), name: 'b', plane: 'envoy' } }
    await acknowledged(await rig.commit(['fleet/b', other]))
    expect(client.responses.length).toBe(before)
  })
})

describe('without NATS', () => {
  it('it stays ready and serves proxies that come, as before', async () => {
    await rig.commit(...basics)
    await until('it is ready', () => rig.ready())
    rig.broker.stop()
    const client = rig.proxy('p')
    client.subscribe(envoyTypes.listener)
    await client.until(() => client.held(envoyTypes.listener).size === 1)
    expect(rig.ready()).toBe(true)
    rig.broker.start()
    const commit = await rig.commit(rule('foo', '/after', 2))
    await follow(client, commit)
  })
})

describe('a sealed key', () => {
  const https = (): (readonly [string, IrRecord])[] =>
    basics.map(([key, record]) => {
      if (record.kind !== 'listener') return [key, record] as const
      const certificates = [{ namespace: 'default', name: 'cert' }]
      const value = { ...record.value, port: 443, protocol: { $case: 'https', value: { certificates } } as const }
      return [key, { kind: 'listener', value }] as const
    })
  const certificate = (): readonly [string, IrRecord] => [
    'certificate/default/cert',
    {
      kind: 'certificate',
      value: {
        source: source('Secret', 'cert'),
        ...{ namespace: 'default', name: 'cert', chainPem: 'CHAIN', facts: undefined },
        keyPem: rig.sealer.seal('a subject', Buffer.from('KEY')),
      },
    },
  ]
  const secrets = async (client: DeltaClient): Promise<string[]> => {
    client.subscribe(envoyTypes.secret)
    client.subscribe(envoyTypes.listener)
    await client.until(() => client.held(envoyTypes.listener).size === 1)
    return [...client.held(envoyTypes.secret).values()].map(({ body }) => Buffer.from(body).toString())
  }

  it('is opened for the proxies', async () => {
    await rig.commit(...https(), certificate())
    const [secret] = await secrets(rig.proxy('p'))
    expect(secret).toContain('KEY')
  })

  it('that cannot be opened is held and told once; everything else is served', async () => {
    await rig[Symbol.asyncDispose]()
    rig = await startRig({ sealed: false })
    await rig.commit(...https(), certificate())
    const client = rig.proxy('p')
    expect(await secrets(client)).toEqual([])
    await rig.commit(rule('foo', '/new', 2))
    await until('it is told', () => told('key_held').length > 0)
    expect(told('key_held').map(({ key }) => kindOf(String(key).split(' ')[1] ?? ''))).toHaveLength(1)
    expect(JSON.stringify(told('key_held'))).not.toContain('KEY')
  })
})
