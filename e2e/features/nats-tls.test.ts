// A service and a real NATS over TLS: whom each trusts, files that are renewed while both run, and what an operator is told
// when they do not agree.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Bus, natsAccounts, natsServerTls, openBus } from '@penstock/bus'
import { type Authority, createAuthority, createCertificateAuthority } from '@penstock/identity/authority'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'

jest.setTimeout(60_000)

const hour = { validMs: 3_600_000 }
const install = 'in'
const passwords = { watcher: 'secret' }
const users = natsAccounts({ install, sources: ['local'], passwords })

async function newAuthority(): Promise<Authority> {
  const keys = await createCertificateAuthority(install, { ...hour, nowMs: Date.now() })
  return createAuthority({ install, ...keys, nowMs: () => Date.now() })
}

let ours: Authority
let theirs: Authority
let dir: string
let server: NatsServer | undefined
let lines: string[]
const at = (file: string): string => join(dir, file)

beforeAll(async () => {
  ;[ours, theirs] = [await newAuthority(), await newAuthority()]
})
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'penstock-nats-tls-'))
  lines = []
  await serverHas(ours, ['127.0.0.1'])
  writeFileSync(at('ca.crt'), ours.caPem)
})
afterEach(async () => {
  await server?.stop()
  server = undefined
  rmSync(dir, { recursive: true })
})

async function serverHas(authority: Authority, names: readonly string[]): Promise<void> {
  const { certificatePem, keyPem } = await authority.issueService(names, hour)
  writeFileSync(at('server.crt'), certificatePem)
  writeFileSync(at('server.key'), keyPem)
}

/** `again`: on the port of one that was killed. */
async function listen({
  clientCaFile,
  again,
}: {
  clientCaFile?: string
  again?: NatsServer
} = {}): Promise<NatsServer> {
  const tls = { certFile: at('server.crt'), keyFile: at('server.key'), ...(clientCaFile && { clientCaFile }) }
  const place = again && { port: again.port, dir: again.dir }
  server = await startNatsServer({ config: `${natsServerTls(tls)}\n${users}`, ...place })
  return server
}

function connect(told: object = {}, signal = new AbortController().signal): Promise<Bus> {
  const note = (event: string, fields?: object): void => void lines.push(`${event} ${JSON.stringify(fields)}`)
  const log = { ...silentLogger, info: note, warn: note, error: note, child: () => log }
  const natsUrl = `nats://127.0.0.1:${server?.port}`
  const config = { natsUrl, install, source: 'local', natsPassword: passwords.watcher, ...told }
  return openBus('watcher', config, { log, meter: silentMeter, signal })
}

/** What it says while it cannot get in. */
async function complaint(told: object): Promise<string> {
  const ending = new AbortController()
  const opening = connect(told, ending.signal).then(
    (bus) => bus[Symbol.asyncDispose](),
    () => {},
  )
  await until('it complains', () => lines.some((line) => line.includes('bus fault')))
  ending.abort()
  await opening
  return lines.find((line) => line.includes('bus fault')) ?? ''
}

describe('NATS over TLS', () => {
  it('is connected to by who trusts its authority', async () => {
    await listen()
    await using bus = await connect({ natsCa: at('ca.crt') })
    expect(bus.connected).toBe(true)
  })

  it('may have a name that is not the one that it is connected by', async () => {
    await serverHas(ours, ['nats.penstock-system.svc'])
    await listen()
    expect(await complaint({ natsCa: at('ca.crt') })).toMatch(/bus_untrusted.*another name.*PENSTOCK_NATS_SERVER_NAME/)
    await using bus = await connect({ natsCa: at('ca.crt'), natsServerName: 'nats.penstock-system.svc' })
    expect(bus.connected).toBe(true)
  })

  it('may ask for a certificate', async () => {
    await listen({ clientCaFile: at('ca.crt') })
    expect(await complaint({ natsCa: at('ca.crt') })).toMatch(/if NATS asks for a certificate, PENSTOCK_NATS_TLS names/)
    const { certificatePem, keyPem } = await ours.issueProxy('any', hour)
    writeFileSync(at('tls.crt'), certificatePem)
    writeFileSync(at('tls.key'), keyPem)
    await using bus = await connect({ natsTls: dir })
    expect(bus.connected).toBe(true)
  })

  it.each([
    ['another authority', () => ({ natsCa: at('theirs.crt') }), /no authority in \S*theirs.crt .*PENSTOCK_NATS_CA/],
    ['no authority of its own', () => ({}), /no authority that this system trusts .*PENSTOCK_NATS_CA/],
    ['a file that is missing', () => ({ natsCa: at('none.crt') }), /none.crt is missing: PENSTOCK_NATS_CA/],
  ])('gets no password of who has %s, who says what to do', async (_, told, said) => {
    writeFileSync(at('theirs.crt'), theirs.caPem)
    await listen()
    const line = await complaint(told())
    expect(line).toContain('bus_untrusted')
    expect(line).toMatch(said)
  })

  it('is all that who asks for it talks to', async () => {
    server = await startNatsServer({ config: users })
    for (const told of [{ natsCa: at('ca.crt') }, { natsUrl: `tls://127.0.0.1:${server.port}` }]) {
      lines = []
      expect(await complaint(told)).toMatch(/bus_untrusted.*offers no TLS.*no password was sent/)
    }
  })

  it('changes its authority while services stay: first they trust both', async () => {
    const first = await listen()
    await using bus = await connect({ natsCa: at('ca.crt') })
    writeFileSync(at('ca.crt'), ours.caPem + theirs.caPem)
    await serverHas(theirs, ['127.0.0.1'])
    await first.kill()
    await until('it is noticed', () => !bus.connected)
    await listen({ again: first })
    await until('it is back', () => bus.connected)
    expect(lines.filter((line) => line.includes('bus_untrusted'))).toEqual([])
  })

  it('that comes back as another is not believed, and the log says so until it is right', async () => {
    const first = await listen()
    await using bus = await connect({ natsCa: at('ca.crt') })
    await serverHas(theirs, ['127.0.0.1'])
    await first.kill()
    await listen({ again: first })
    await until('it says so', () => lines.some((line) => /bus_untrusted.*no authority in/.test(line)))
    expect(bus.connected).toBe(false)
    writeFileSync(at('ca.crt'), theirs.caPem)
    await until('it is believed', () => bus.connected)
  })
})
