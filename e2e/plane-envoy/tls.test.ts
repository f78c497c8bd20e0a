// HTTPS: a certificate for each hostname, its renewal, and one that cannot be used. On a real Envoy.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { exchange, freePorts, startEchoBackend } from '@penstock/testkit'
import { certificate, pairs } from './certificates.ts'
import { commonName, stay } from './connection.ts'
import { attachment, listener, rule, service, to } from './records.ts'
import { type Rig, startRig } from './rig.ts'

const stack = new AsyncDisposableStack()
let rig: Rig
let port = 0

beforeAll(async () => {
  const a = stack.use(await startEchoBackend('a'))
  ;[port = 0] = await freePorts(1)
  const wild = listener('wild', { port, hostname: '*.example.com', certificate: 'wild' })
  const one = listener('one', { port, hostname: 'one.example.com', certificate: 'one' })
  const broken = listener('broken', { port, hostname: 'broken.example.com', certificate: 'missing' })
  rig = stack.use(
    await startRig([
      ...[wild, one, broken, ...service('a', [a.port])],
      ...[certificate('wild', pairs.wild), certificate('one', pairs.one)],
      rule('everywhere', [attachment(wild, '*.example.com'), attachment(one, 'one.example.com')], {
        backends: [to('a')],
      }),
    ]),
  )
})

afterAll(() => stack.disposeAsync())

describe('certificates', () => {
  it.each([
    ['one.example.com', 'one'],
    ['other.example.com', 'wild'],
  ])('%s gets %s', async (servername, expected) => {
    expect(await commonName(port, servername)).toBe(expected)
    expect((await exchange({ port, host: servername, tls: true })).echo?.backend).toBe('a')
  })

  it('that are missing close the connection, and leave it to no other listener', async () => {
    await expect(commonName(port, 'broken.example.com')).rejects.toThrow()
  })

  it('that are renewed change no listener', async () => {
    const changes = await rig.apply([certificate('one', pairs.two)])
    expect(changes.map(({ name }) => name)).toEqual(['certificate/default/one'])
    await rig.envoy.waitFor(
      'the renewed certificate',
      async () => (await commonName(port, 'one.example.com')) === 'two',
    )
  })
})

describe('ALPN', () => {
  it('offers HTTP/2', async () => {
    await using connection = await stay(port, 'one.example.com')
    expect(await connection.ask('one.example.com')).toBe('a')
  })
})
