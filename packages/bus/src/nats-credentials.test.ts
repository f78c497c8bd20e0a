// A NATS whose users nobody wrote into its configuration: an operator signs accounts, an account signs users, and a service
// shows the file that it was given.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { nkeys } from '@nats-io/transport-node'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'
import type { Bus } from './bus.ts'
import { channels } from './channels.ts'
import { openBus } from './connection-settings.ts'
import { createSource, notes, view, write } from './contract/scene.ts'
import { busGrants } from './permissions.ts'

jest.setTimeout(60_000)

const install = 'in'
const sources = ['local']
const channel = { ...notes, ...channels.resource, codec: notes.codec, group: notes.group }

const operator = nkeys.createOperator()
const account = nkeys.createAccount()
const system = nkeys.createAccount()

/** docs.nats.io, JWT: claims of version 2, signed with the key of whoever issues them. */
function sign(issuer: nkeys.KeyPair, subject: string, nats: object, more: object = {}): string {
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const seconds = Math.floor(Date.now() / 1_000)
  const claims = { jti: subject, iat: seconds, iss: issuer.getPublicKey(), name: 'test', sub: subject, ...more }
  const text = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded({ ...claims, nats: { version: 2, ...nats } })}`
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString('base64url')}`
}

const unlimited = (...limits: readonly string[]): object => Object.fromEntries(limits.map((limit) => [limit, -1]))
const limits = {
  ...unlimited('subs', 'data', 'payload', 'imports', 'exports', 'conn', 'leaf'),
  ...unlimited('mem_storage', 'disk_storage', 'streams', 'consumer'),
  wildcards: true,
}
const accountToken = (of: nkeys.KeyPair, more: object): string =>
  sign(operator, of.getPublicKey(), { type: 'account', ...more })

const config = `
operator: ${sign(operator, operator.getPublicKey(), { type: 'operator' })}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: {
  ${account.getPublicKey()}: ${accountToken(account, { limits })}
  ${system.getPublicKey()}: ${accountToken(system, { limits: unlimited('subs', 'data', 'payload', 'conn') })}
}`

/** What may be in it is what docs/reference/permissions.md says. */
function credentials(service: 'watcher' | 'translator', validS?: number): string {
  const user = nkeys.createUser()
  const grants = busGrants({ install, service, sources })
  const allowed = (action: string): object => ({
    allow: grants.filter((grant) => grant.action === action).map(({ subject }) => subject),
  })
  const claims = {
    ...{ type: 'user', ...unlimited('subs', 'data', 'payload') },
    ...{ pub: allowed('publish'), sub: allowed('subscribe') },
  }
  const ends = validS === undefined ? {} : { exp: Math.floor(Date.now() / 1_000) + validS }
  const token = sign(account, user.getPublicKey(), claims, ends)
  const seed = Buffer.from(user.getSeed()).toString()
  return [
    ...['-----BEGIN NATS USER JWT-----', token, '------END NATS USER JWT------', ''],
    ...['-----BEGIN USER NKEY SEED-----', seed, '------END USER NKEY SEED------', ''],
  ].join('\n')
}

let folder: string
let server: NatsServer
let stack: AsyncDisposableStack
let lines: string[]
const at = (service: string): string => join(folder, `${service}.creds`)

beforeEach(async () => {
  lines = []
  stack = new AsyncDisposableStack()
  folder = mkdtempSync(join(tmpdir(), 'penstock-credentials-'))
  server = await startNatsServer({ config })
})
afterEach(async () => {
  await stack.disposeAsync()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function open(service: string): Promise<Bus> {
  const note = (event: string, fields?: object): void => void lines.push(`${event} ${JSON.stringify(fields)}`)
  const log = { ...silentLogger, info: note, warn: note, error: note, child: () => log }
  const place = { natsUrl: server.url, install, source: 'local', natsCredentials: at(service) }
  return stack.use(await openBus(service, place, { log, meter: silentMeter, signal: AbortSignal.timeout(20_000) }))
}

describe('services with credentials', () => {
  it('do what the permissions say', async () => {
    for (const service of ['watcher', 'translator'] as const) writeFileSync(at(service), credentials(service))
    write(await open('watcher'), createSource({ 'a/1': 'one' }), channel)
    const reader = view(await open('translator'), channel)
    await until('it is read', () => reader.texts['a/1'] === 'one')
    expect(lines.filter((line) => line.includes('bus_refused'))).toEqual([])
  })

  it('take up new ones when theirs end, without a restart', async () => {
    writeFileSync(at('watcher'), credentials('watcher', 4))
    const bus = await open('watcher')
    writeFileSync(at('watcher'), 'half of a file')
    await until('it was sent away', () => lines.some((line) => line.startsWith('bus disconnected')))
    await until('the file is named', () => lines.some((line) => line.includes(at('watcher'))))
    writeFileSync(at('watcher'), credentials('watcher'))
    await until('it is back', () => bus.connected)
  })
})
