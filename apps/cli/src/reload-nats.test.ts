// A real NATS whose users change in a file that its configuration includes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals'
import { type Bus, natsAccount, openBus } from '@penstock/bus'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'
import { reloadNats } from './reload-nats.ts'

jest.setTimeout(60_000)

let server: NatsServer
let said: string[]
let ending: AbortController
let reloading: Promise<void>

const users = (password: string): string =>
  natsAccount({ install: 'in', sources: ['local'], passwords: { watcher: password } })

beforeEach(async () => {
  said = []
  ending = new AbortController()
  const first = await startNatsServer({ config: 'http: "127.0.0.1:-1"' })
  await first.kill()
  mkdirSync(join(first.dir, 'etc'))
  writeFileSync(join(first.dir, 'etc/account.conf'), users('old'))
  const config = [
    'http: "127.0.0.1:-1"',
    `pid_file: "${join(first.dir, 'nats.pid')}"`,
    'accounts { include etc/account.conf }',
  ]
  server = await startNatsServer({ dir: first.dir, config: config.join('\n') })
  const { dir } = server
  const options = {
    folder: join(dir, 'etc'),
    pidFile: join(dir, 'nats.pid'),
    monitor: server.monitoring ?? '',
    everyMs: 300,
  }
  reloading = reloadNats({ ...options, signal: ending.signal }, (line) => said.push(line))
})
afterEach(async () => {
  ending.abort()
  await reloading
  await server.kill()
})

function connect(natsPassword: string): Promise<Bus> {
  const signal = AbortSignal.timeout(20_000)
  const place = { natsUrl: server.url, install: 'in', source: 'local', natsPassword }
  return openBus('watcher', place, { log: silentLogger, meter: silentMeter, signal })
}

it('takes up users that changed, and keeps those it has while the file is no good', async () => {
  await using old = await connect('old')
  writeFileSync(join(server.dir, 'etc/account.conf'), '{ no good')
  await until('it says so', () => said.some((line) => line.includes('does not take its configuration')))
  expect(old.connected).toBe(true)
  writeFileSync(join(server.dir, 'etc/account.conf'), users('new'))
  await until('the old one is sent away', () => !old.connected)
  await using renewed = await connect('new')
  expect(renewed.connected).toBe(true)
  expect(readFileSync(join(server.dir, 'nats.pid'), 'utf8').trim()).toBe(String(server.pid))
})
