import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { identityFiles } from '@penstock/identity'
import { type Authority, createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import { type Meter, silentLogger, silentMeter } from '@penstock/telemetry'
import { replaceFiles, until } from '@penstock/testkit'
import { createDeltaClient, createXdsServer, type DeltaClientOptions, type XdsServer } from '@penstock/xds'
import { openGuard, type Proof } from './proof.ts'

const typeUrl = 'type.googleapis.com/t.Cluster'
const hourMs = 3_600_000
const nowMs = (): number => performance.timeOrigin + performance.now()
const valid = { validMs: hourMs }
const expired = { validMs: -60_000 }
const fleet = 'default~gw'

const authorityOf = async (install = 'local'): Promise<Authority> =>
  createAuthority({
    ...{ install, nowMs },
    ...(await createCertificateAuthority(install, { validMs: 24 * hourMs, nowMs: nowMs() })),
  })

interface Scene extends AsyncDisposable {
  readonly folder: string
  readonly server: XdsServer
  readonly refused: Map<string, number>
  readonly cut: Map<string, number>
}

/** A server with one fleet, which asks proxies who they are. */
async function startScene(proof: Proof, authority: Authority, at = nowMs): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'penstock-proof-'))
  stack.defer(() => rm(folder, { recursive: true }))
  await replaceFiles(folder, identityFiles(await authority.issueService(['127.0.0.1'], valid)))
  const [refused, cut] = [new Map<string, number>(), new Map<string, number>()]
  const counted = new Map([
    ['penstock_xds_refused_total', refused],
    ['penstock_xds_cut_streams_total', cut],
  ])
  const meter: Meter = {
    ...silentMeter,
    counter: (name) => ({
      add: (_, { reason = '' } = {}) => void counted.get(name)?.set(reason, (counted.get(name)?.get(reason) ?? 0) + 1),
    }),
  }
  const guard = stack.use(
    await openGuard({
      ...{ proof, config: { xdsHost: '127.0.0.1', xdsTls: folder, install: 'local' }, logger: silentLogger, meter },
      ...{ nowMs: at, onReplaced: (tls) => server.replaceTls(tls), everyMs: 20 },
    }),
  )
  const server = stack.use(
    await createXdsServer({
      ...{ host: '127.0.0.1', port: 0, order: [[{ typeUrl }]], logger: silentLogger, meter, ...guard.server },
      ...{ fleetOf: ({ cluster }) => cluster, events: { onFleet: () => {}, onProxies: () => {} }, nowMs: at },
      settings: { answerTimeoutMs: 1_000 },
    }),
  )
  for (const name of [fleet, 'other']) {
    server.update(name, 1, [{ typeUrl, name: 'a', resource: { version: '1', body: Buffer.from(name) } }])
  }
  return { ...{ folder, server, refused, cut }, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** What becomes of a proxy that asks for the fleet: what it is given, or how it is sent away. */
async function ask(
  { server }: Scene,
  shown: Pick<DeltaClientOptions, 'tls' | 'metadata'>,
  cluster = fleet,
): Promise<string> {
  await using client = createDeltaClient({ port: server.port, node: { id: 'p', cluster }, ...shown })
  client.subscribe(typeUrl)
  await client.until(() => client.held(typeUrl).size > 0 || client.ended !== undefined)
  const [given] = client.held(typeUrl).values()
  return given ? `given ${Buffer.from(given.body).toString()}` : `${client.ended?.code} ${client.ended?.details}`
}

let ours: Authority
let theirs: Authority
let otherInstall: Authority
beforeAll(async () => {
  ours = await authorityOf()
  theirs = await authorityOf()
  otherInstall = await authorityOf('other')
})

const show = ({ caPem: ca }: Authority, issued?: { certificatePem: string; keyPem: string }) => ({
  tls: { ca, ...(issued && { certificate: issued.certificatePem, key: issued.keyPem }) },
})

describe('a proxy with a client certificate', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene('certificate', ours)
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
  })

  it('is given its own fleet', async () => {
    expect(await ask(scene, show(ours, await ours.issueProxy(fleet, valid)))).toBe(`given ${fleet}`)
  })

  it.each<[string, string, RegExp, () => ReturnType<Authority['issueProxy']> | undefined]>([
    ['none', 'missing', /^16 it shows no identity/, () => undefined],
    ['one of another authority', 'untrusted', /^16 .*not of an authority/, () => theirs.issueProxy(fleet, valid)],
    ['one that has expired', 'expired', /^16 .*expired/, () => ours.issueProxy(fleet, expired)],
    ['one that is a service’s', 'wrong_use', /^16 .*another use/, () => ours.issueService(['127.0.0.1'], valid)],
    ['one of another fleet', 'other_fleet', /^7 .*its identity is of "other"/, () => ours.issueProxy('other', valid)],
  ])('is refused with %s', async (_, reason, words, issue) => {
    const before = scene.refused.get(reason) ?? 0
    expect(await ask(scene, show(ours, await issue()))).toMatch(words)
    expect(scene.refused.get(reason)).toBe(before + 1)
  })

  it('is refused with one of another installation, though its authority is trusted', async () => {
    await using shared = await startScene('certificate', ours)
    const caPem = ours.caPem + otherInstall.caPem
    await replaceFiles(shared.folder, { 'ca.crt': caPem })
    const issued = await otherInstall.issueProxy(fleet, valid)
    await until('both are trusted', async () =>
      /^16 .*another installation/.test(await ask(shared, show(ours, issued))),
    )
    expect(shared.refused.get('other_install')).toBe(1)
  })

  it('takes no server of another authority for its own', async () => {
    expect(await ask(scene, show(theirs, await ours.issueProxy(fleet, valid)))).toMatch(/^14 /)
  })

  it('is cut when its certificate expires, with its connection, and not before', async () => {
    let aheadMs = 0
    let looks = 0
    await using aged = await startScene('certificate', ours, () => {
      looks += 1
      return nowMs() + aheadMs
    })
    const { tls } = show(ours, await ours.issueProxy(fleet, valid))
    await using client = createDeltaClient({ port: aged.server.port, node: { id: 'p', cluster: fleet }, tls })
    client.subscribe(typeUrl)
    await client.until(() => client.held(typeUrl).size > 0)
    aheadMs = hourMs - 60_000
    const before = looks
    await until('the server has looked at the time', () => looks > before + 2)
    expect(client.ended).toBeUndefined()
    aheadMs = hourMs
    await client.until(() => client.ended !== undefined)
    expect(client.ended).toMatchObject({ code: 16, details: expect.stringContaining('expired') })
    expect([...aged.cut]).toEqual([['expired', 1]])
  })
})

describe('a proxy with a token', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene('token', ours)
  })
  afterAll(async () => {
    await scene[Symbol.asyncDispose]()
  })

  const bearing = async (authority: Authority, name = fleet, issuing = valid) => {
    const { token } = await authority.issueToken(name, issuing)
    return { ...show(ours), metadata: { authorization: `Bearer ${token}` } }
  }

  it('is given its own fleet', async () => {
    expect(await ask(scene, await bearing(ours))).toBe(`given ${fleet}`)
  })

  it('is refused without, with another’s, with an old one, and with none that could be one', async () => {
    expect(await ask(scene, show(ours))).toMatch(/^16 it shows no identity/)
    expect(await ask(scene, await bearing(theirs))).toMatch(/^16 .*not of an authority/)
    expect(await ask(scene, await bearing(ours, 'other'))).toMatch(/^7 .*its identity is of "other"/)
    expect(await ask(scene, await bearing(ours, fleet, { validMs: -10 * 60_000 }))).toMatch(/^16 .*expired/)
    expect(await ask(scene, { ...show(ours), metadata: { authorization: 'Basic me' } })).toMatch(/^16 .*read/)
    const counts = { missing: 1, untrusted: 1, other_fleet: 1, expired: 1, unreadable: 1 }
    expect(Object.fromEntries(scene.refused)).toEqual(counts)
  })
})

describe('a server of proxies without an identity', () => {
  const open = (xdsHost: string, xdsPlaintext = false) =>
    openGuard({
      ...{ proof: 'certificate', config: { xdsHost, xdsPlaintext }, logger: silentLogger, meter: silentMeter },
      onReplaced: () => {},
    })

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('serves in the clear on %s', async (host) => {
    expect((await open(host)).server).toEqual({})
  })

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.example.com'])(
    'does not start on %s unless it is told to',
    async (host) => {
      await expect(open(host)).rejects.toThrow(/PENSTOCK_XDS_TLS is not set.*PENSTOCK_XDS_PLAINTEXT=true/)
      expect((await open(host, true)).server).toEqual({})
    },
  )

  it('goes by what it had until what is new could be taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-proof-'))
    const issue = async (validMs: number) => identityFiles(await ours.issueService(['127.0.0.1'], { validMs }))
    await replaceFiles(folder, await issue(hourMs))
    const events: (string | number)[] = []
    const meter: Meter = {
      ...silentMeter,
      gauge: () => ({ remove: () => {}, set: (value) => void events.push(value) }),
    }
    const guard = await openGuard({
      ...{ proof: 'certificate', config: { xdsHost: '127.0.0.1', xdsTls: folder }, logger: silentLogger, meter },
      everyMs: 20,
      onReplaced() {
        events.push('taken')
        if (events.length < 4) throw new Error('key too small')
      },
    })
    await replaceFiles(folder, await issue(2 * hourMs))
    await until('it is taken', () => events.length === 5)
    expect(events).toEqual([expect.any(Number), 'taken', 'taken', 'taken', expect.any(Number)])
    expect(events[4]).toBeGreaterThan(Number(events[0]))
    guard[Symbol.dispose]()
    await rm(folder, { recursive: true })
  })

  it('does not start with a folder that holds none', async () => {
    const config = { xdsHost: '0.0.0.0', xdsTls: '/nowhere' }
    const options = { proof: 'certificate', config, logger: silentLogger, meter: silentMeter } as const
    await expect(openGuard({ ...options, onReplaced: () => {} })).rejects.toThrow('/nowhere holds no identity')
  })
})
