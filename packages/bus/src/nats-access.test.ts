// How a service gets in: a password in a file, which may be renewed while the service runs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'
import { type ConnectionConfig, openBus } from './connection-settings.ts'
import { natsAccounts } from './nats-server-config.ts'

jest.setTimeout(60_000)

const install = 'in'
const usersWith = (watcher: string): string => natsAccounts({ install, sources: ['local'], passwords: { watcher } })

let folder: string
let file: string
let server: NatsServer
let lines: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-access-'))
  file = join(folder, 'watcher')
  server = await startNatsServer({ config: usersWith('old') })
  lines = []
})
afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

function open(more: Partial<ConnectionConfig> = {}): ReturnType<typeof openBus> {
  const access = { natsUser: '', natsPassword: '', natsPasswordFile: file, natsCredentials: '', ...more }
  const note = (event: string, fields?: object): void => void lines.push(`${event} ${JSON.stringify(fields)}`)
  const log = { ...silentLogger, info: note, warn: note, error: note, child: () => log }
  const parts = { log, meter: silentMeter, signal: new AbortController().signal }
  return openBus('watcher', { natsUrl: server.url, install, source: 'local', ...access }, parts)
}

describe('a service with a password file', () => {
  it('is the user of its own name', async () => {
    writeFileSync(file, 'old\n')
    await using bus = await open()
    expect(bus.connected).toBe(true)
  })

  it('waits for the file, and names it meanwhile', async () => {
    const opening = open()
    await until('the file is named', () =>
      lines.some((line) => line.includes('setting_invalid') && line.includes(file)),
    )
    await until('it was refused', () => lines.some((line) => /bus_refused.*Authorization Violation/.test(line)))
    writeFileSync(file, 'old')
    await using bus = await opening
    expect(bus.connected).toBe(true)
  })

  it('takes up a new password without a restart', async () => {
    writeFileSync(file, 'old')
    await using bus = await open()
    const configuration = join(server.dir, 'nats.conf')
    writeFileSync(file, 'new')
    writeFileSync(configuration, readFileSync(configuration, 'utf8').replace(usersWith('old'), usersWith('new')))
    process.kill(server.pid, 'SIGHUP')
    await until('it was sent away', () => lines.some((line) => line.startsWith('bus disconnected')))
    await until('it is back', () => bus.connected)
  })
})
