// Exact hostnames that share a filter chain, their certificates asked for by SNI (ADR 6). On a real Envoy.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { FleetChange } from '@penstock/ir'
import { envoyTypes } from '@penstock/plane-envoy'
import { freePorts, startEchoBackend } from '@penstock/testkit'
import { certificate, pairs } from './certificates.ts'
import { commonName, type StandingConnection, stay } from './connection.ts'
import { attachment, type KeyedRecord, listener, rule, service, to, trustBundle } from './records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0
let second = 0
let one: StandingConnection

type Fields = Parameters<typeof listener>[1]

/** A listener with a route of its own to the backend `a`. */
function site(name: string, fields: Fields): [ReturnType<typeof listener>, KeyedRecord] {
  const made = listener(name, fields)
  return [made, rule(name, [attachment(made, fields.hostname ?? '')], { backends: [to('a')] })]
}

const gone = (records: readonly { key: string }[]) => records.map(({ key }) => ({ key, record: undefined }))
const listenersOf = (changes: readonly FleetChange[]): string[] =>
  changes.filter(({ typeUrl }) => typeUrl === envoyTypes.listener).map(({ name }) => name)

beforeAll(async () => {
  const a = stack.use(await startEchoBackend('a'))
  ;[port = 0, second = 0] = await freePorts(2)
  const records = [
    ...service('a', [a.port]),
    ...[certificate('one', pairs.one), certificate('two', pairs.two), certificate('wild', pairs.wild)],
    ...site('one', { port, hostname: 'one.example.com', certificate: 'one' }),
    ...site('two', { port, hostname: 'two.example.com', certificate: 'two' }),
    ...site('broken', { port, hostname: 'broken.example.com', certificate: 'missing' }),
    ...site('wild', { port, hostname: '*.wild.example.com', certificate: 'wild' }),
    ...site('inside', { port, hostname: 'in.wild.example.com', certificate: 'two' }),
    ...site('hole', { port, hostname: 'hole.wild.example.com', certificate: 'missing' }),
    // Another certificate for a hostname that the first port has already, and a second that may share.
    ...site('z-one', { port: second, hostname: 'one.example.com', certificate: 'two' }),
    ...site('z-two', { port: second, hostname: 'two.example.com', certificate: 'two' }),
  ]
  rig = stack.use(await startRig(records, { sharedFrom: 1, removalDelayMs: 20 }))
  one = stack.use(await stay(port, 'one.example.com'))
})

afterAll(async () => {
  // Whatever happened to others, this connection stood.
  expect(await one.ask('one.example.com')).toBe('a')
  expect(one.draining).toBe(false)
  await stack.disposeAsync()
})

describe('a certificate', () => {
  it.each([
    ['one.example.com', 'one'],
    ['two.example.com', 'two'],
    ['any.wild.example.com', 'wild'],
    ['in.wild.example.com', 'two'],
  ])('of %s is %s', async (hostname, expected) => {
    expect(await commonName(port, hostname)).toBe(expected)
    await using connection = await stay(port, hostname)
    expect(await connection.ask(hostname)).toBe('a')
  })

  it.each([
    ['a name that no listener has', 'none.example.com'],
    ['one whose certificate is missing', 'broken.example.com'],
    ['such a one beside a wildcard', 'hole.wild.example.com'],
    ['the name of another secret', 'certificate/default/one'],
    ['no name', ''],
    // NOTE: Envoy asks by the name as the client wrote it.
    ['a known one in upper case', 'ONE.example.com'],
  ])('is refused at once to %s', async (_, hostname) => {
    const startedMs = performance.now()
    await expect(commonName(port, hostname)).rejects.toThrow()
    // Not by the timeout of the handshake, which is 15 s.
    expect(performance.now() - startedMs).toBeLessThan(14_000)
  })

  it('differs between ports where they have different ones for the same name', async () => {
    expect(await commonName(second, 'one.example.com')).toBe('two')
    expect(await commonName(second, 'two.example.com')).toBe('two')
  })

  it('that is renewed is one secret', async () => {
    const changes = await rig.apply([certificate('two', pairs.wild)])
    expect(changes.map(({ name }) => name).sort()).toEqual([
      'certificate/default/two',
      'in.wild.example.com',
      'two.example.com',
    ])
    await rig.envoy.waitFor('the new one', async () => (await commonName(port, 'two.example.com')) === 'wild')
    await rig.apply([certificate('two', pairs.two)])
  })
})

describe('a request', () => {
  it.each([
    ['one.example.com', 'two.example.com'],
    ['one.example.com', 'any.wild.example.com'],
    ['any.wild.example.com', 'in.wild.example.com'],
    ['in.wild.example.com', 'any.wild.example.com'],
  ])('over the connection of %s for %s is misdirected', async (hostname, other) => {
    await using connection = await stay(port, hostname)
    expect(await connection.ask(other)).toBe(421)
  })

  it('cannot say itself whose connection it came by', async () => {
    expect(await one.ask('two.example.com', { 'x-penstock-served': 'two.example.com' })).toBe(421)
  })

  it('is answered 404 where only another port has the hostname', async () => {
    await using connection = await stay(second, 'in.wild.example.com')
    expect(await connection.ask('in.wild.example.com')).toBe(404)
  })
})

describe('a listener', () => {
  it('that comes and goes changes none at the proxy', async () => {
    const site3 = site('three', { port, hostname: 'three.example.com', certificate: 'two' })
    expect(listenersOf(await rig.apply(site3))).toEqual([])
    await using connection = await stay(port, 'three.example.com')
    expect(await connection.ask('three.example.com')).toBe('a')
    expect(listenersOf(await rig.apply(gone(site3)))).toEqual([])
    expect(await connection.ask('three.example.com')).toBe(404)
    await rig.envoy.waitFor('an end of the certificate', () =>
      commonName(port, 'three.example.com').then(
        () => false,
        () => true,
      ),
    )
  })

  it('that begins to validate its clients lets in no connection that stands', async () => {
    const fields = { port, hostname: 'four.example.com', certificate: 'two' }
    await rig.apply(site('four', fields))
    await using connection = await stay(port, 'four.example.com')
    expect(await connection.ask('four.example.com')).toBe('a')
    const validating = [listener('four', { ...fields, clients: 'ours' }), trustBundle('ours', pairs.one.chainPem)]
    expect(listenersOf(await rig.apply(validating))).toEqual([`${port}`])
    expect(await connection.ask('four.example.com')).toBe(421)
    await rig.apply(gone([...site('four', fields), ...validating]))
  })

  it('for every host takes the names that are left, and drains nobody', async () => {
    await using two = await stay(port, 'two.example.com')
    await using any = await stay(port, 'any.wild.example.com')
    const everyHost = site('any', { port, certificate: 'wild' })
    await rig.apply(everyHost)
    expect(await commonName(port, 'none.example.com')).toBe('wild')
    expect(await commonName(port, 'two.example.com')).toBe('two')
    await expect(commonName(port, 'broken.example.com')).rejects.toThrow()
    await rig.apply(gone(everyHost))
    await expect(commonName(port, 'none.example.com')).rejects.toThrow()
    for (const [connection, host] of [
      [two, 'two.example.com'],
      [any, 'any.wild.example.com'],
    ] as const) {
      expect(await connection.ask(host)).toBe('a')
      expect(connection.draining).toBe(false)
    }
  })
})

describe('names that strangers choose', () => {
  it('are kept by nobody', async () => {
    for (let round = 0; round < 10; round += 1) {
      const names = Array.from({ length: 50 }, (_, at) => `x${round}-${at}.example.org`)
      await Promise.all(names.map((name) => expect(commonName(port, name)).rejects.toThrow()))
    }
    await rig.envoy.waitFor('an end of their secrets', async () => {
      const stats = await rig.envoy.admin('/stats?filter=on_demand_secret.cert_active')
      const active = [...stats.matchAll(/cert_active: (\d+)/g)].map(([, count]) => Number(count))
      return active.every((count) => count < 10)
    })
  }, 60_000)
})

describe('a port that comes to have enough hostnames', () => {
  it('shares from then on, and no longer once they are too few; nobody who is connected is cut off', async () => {
    await using backend = await startEchoBackend('a')
    const [own = 0] = await freePorts(1)
    const more = [
      ...site('two', { port: own, hostname: 'two.example.com', certificate: 'two' }),
      certificate('two', pairs.two),
    ]
    const first = site('one', { port: own, hostname: 'one.example.com', certificate: 'one' })
    const records = [...service('a', [backend.port]), ...first, certificate('one', pairs.one)]
    await using few = await startRig(records, { sharedFrom: 2 })
    for (const changes of [more, gone(more), more]) {
      await using before = await stay(own, 'one.example.com')
      expect(listenersOf(await few.apply(changes))).toEqual([`${own}`])
      expect(await before.ask('one.example.com')).toBe('a')
      await using after = await stay(own, 'one.example.com')
      expect(await after.ask('one.example.com')).toBe('a')
    }
    expect(await commonName(own, 'two.example.com')).toBe('two')
  }, 60_000)
})
