// Two installations on one NATS, by the file that each brings: docs/nats.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { connect } from '@nats-io/transport-node'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'
import type { Bus } from './bus.ts'
import { channels } from './channels.ts'
import { openBus } from './connection-settings.ts'
import { createSource, notes, view, write } from './contract/scene.ts'
import { natsAccount } from './nats-server-config.ts'
import { natsUser } from './permissions.ts'

jest.setTimeout(60_000)

const installs = ['red', 'blue']
const channel = { ...notes, ...channels.resource, codec: notes.codec, group: notes.group }

let folder: string
let server: NatsServer
let stack: AsyncDisposableStack

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  folder = mkdtempSync(join(tmpdir(), 'penstock-installs-'))
  const includes = installs.map((install) => {
    const passwords = { watcher: `${install}-watcher`, translator: `${install}-translator` }
    writeFileSync(join(folder, `${install}.conf`), natsAccount({ install, sources: ['local'], passwords }))
    return `include ${install}.conf`
  })
  server = await startNatsServer({ dir: folder, config: `accounts {\n${includes.join('\n')}\n}` })
})
afterEach(async () => {
  await stack.disposeAsync()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function open(install: string, service: string): Promise<Bus> {
  const place = { natsUrl: server.url, install, source: 'local', natsPassword: `${install}-${service}` }
  const parts = { log: silentLogger, meter: silentMeter, signal: AbortSignal.timeout(20_000) }
  return stack.use(await openBus(service, place, parts))
}

it('have the same users and the same records, and see nothing of each other', async () => {
  const readers = await Promise.all(
    installs.map(async (install) => {
      write(await open(install, 'watcher'), createSource({ 'a/1': install }), channel)
      return view(await open(install, 'translator'), channel)
    }),
  )
  await until('each has its own', () => readers.every(({ texts }) => texts['a/1'] !== undefined))
  expect(readers.map(({ texts }) => texts)).toEqual(installs.map((install) => ({ 'a/1': install })))
})

it('keep the users of the other out', async () => {
  const user = natsUser({ install: 'red', service: 'watcher' })
  await expect(connect({ servers: server.url, user, pass: 'blue-watcher' })).rejects.toThrow(/Authorization Violation/)
})
