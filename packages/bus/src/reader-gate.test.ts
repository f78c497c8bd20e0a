import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import type { ServiceName } from './channel.ts'
import { systemClock } from './clock.ts'
import { createBusEvents } from './events.ts'
import { ReaderGate, type ReaderGateOptions } from './reader-gate.ts'
import { type BusSettings, settingsWith } from './settings.ts'

const minuteMs = 60_000
const expiryMs = 15_000

const row = (name: string, schema: number, reader: ServiceName) =>
  ({ name, major: 1, schema, readers: [reader] }) as const
const resource = row('resource', 1, 'translator')
const ir = row('ir', 1, 'xds-server')

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function gateWith(settings: Partial<BusSettings> = {}, more: Partial<ReaderGateOptions> = {}) {
  const said: string[] = []
  const waits: (string | undefined)[] = []
  const world = { connected: true, leading: false, opened: 0 }
  const gate = new ReaderGate({
    settings: settingsWith(settings),
    clock: systemClock,
    events: {
      ...createBusEvents(silentLogger, silentMeter),
      readersLeftBehind: () => void said.push('left behind'),
      readersAbreast: (overdue) => void said.push(overdue ? 'nobody' : 'abreast'),
      readersUnknown: () => void said.push('unknown'),
    },
    rows: [resource, ir],
    isStreamThere: async () => true,
    isLeading: () => world.leading,
    isConnected: () => world.connected,
    onChange: (waitsFor) => void waits.push(waitsFor),
    onOpen: () => void (world.opened += 1),
    ...more,
  })
  const reads = (service: ServiceName, name: string, channel: string, schema = 0): void =>
    gate.hear([
      {
        key: `${service}/${name}.p`,
        value: { service, instance: name, reads: [{ channel, major: 1, schema }] },
      },
    ])
  const goes = (service: ServiceName, name: string): void =>
    gate.hear([{ key: `${service}/${name}.p`, value: undefined }])
  return { gate, said, waits, world, reads, goes }
}

const pass = (ms: number): void => jest.advanceTimersByTime(ms)
const names = Array.from({ length: 10 }, (_, index) => `r${index}`)

describe('the patience of a writer', () => {
  it('begins anew with each of ten readers that goes, heard one by one', async () => {
    const { gate, said, world, reads, goes } = gateWith()
    gate.writes(ir)
    for (const name of names) reads('xds-server', name, 'ir')
    gate.know()
    for (const name of names) {
      pass(minuteMs)
      expect([said, await gate.open()]).toEqual([[], false])
      goes('xds-server', name)
    }
    pass(7_000)
    expect([said, world.opened]).toEqual([['abreast'], 1])
  })

  it('begins anew also with readers that those wait for, who are waited for', () => {
    const { gate, said, reads, goes } = gateWith()
    gate.writes(resource)
    reads('translator', 'old', 'resource')
    for (const name of names) reads('xds-server', name, 'ir')
    gate.know()
    for (const name of names) {
      pass(minuteMs)
      goes('xds-server', name)
    }
    pass(4 * minuteMs)
    expect(said).toEqual([])
    pass(2 * minuteMs)
    expect(said).toEqual(['left behind'])
  })

  it('ends; who was left behind is not called abreast, neither by the leader nor when he holds', () => {
    const { gate, said, world, reads, goes } = gateWith()
    gate.writes(ir)
    reads('xds-server', 'old', 'ir')
    gate.know()
    pass(6 * minuteMs)
    world.leading = true
    pass(minuteMs)
    expect([said, world.opened]).toEqual([['left behind'], 1])
    goes('xds-server', 'old')
    pass(minuteMs)
    expect(said).toEqual(['left behind', 'nobody'])
  })
})

describe('while the broker is away', () => {
  it('takes nobody for gone, however long that is, nor soon after', async () => {
    const { gate, said, world, reads, goes } = gateWith()
    gate.writes(ir)
    reads('xds-server', 'old', 'ir')
    gate.know()
    pass(minuteMs)
    world.connected = false
    goes('xds-server', 'old')
    pass(10 * minuteMs)
    expect([said, await gate.open()]).toEqual([[], false])
    world.connected = true
    gate.reconnected()
    pass(5_000)
    expect(await gate.open()).toBe(false)
    reads('xds-server', 'old', 'ir')
    pass(4 * minuteMs)
    expect([said, await gate.open()]).toEqual([[], false])
  })
})

describe('a writer that starts', () => {
  it('gives live readers the time to say so, where the broker may be an emptied one', async () => {
    const { gate, waits, reads } = gateWith({}, { isStreamThere: async () => false })
    gate.writes(ir)
    expect(await gate.open()).toBe(false)
    pass(5_000)
    reads('xds-server', 'old', 'ir')
    pass(10_000)
    expect([await gate.open(), waits.length]).toEqual([false, 1])
  })

  it('leads after that time where nobody says anything', async () => {
    const { gate, world } = gateWith({}, { isStreamThere: async () => false })
    gate.writes(ir)
    await gate.open()
    pass(6_500)
    expect([await gate.open(), world.opened]).toEqual([true, 1])
  })

  it('of the first minor version leads at once', async () => {
    const { gate, waits } = gateWith({}, { isStreamThere: async () => false })
    gate.writes({ ...ir, schema: 0 })
    expect([await gate.open(), waits]).toEqual([true, [undefined]])
  })

  it('waits 15 s for readers that cannot be asked for, and as long again after a new connection', async () => {
    const { gate, said } = gateWith({}, { isStreamThere: () => Promise.reject(new Error('no right')) })
    gate.writes({ ...ir, schema: 0 })
    await gate.open()
    pass(14_000)
    expect(await gate.open()).toBe(false)
    gate.reconnected()
    await gate.open()
    pass(14_000)
    expect([await gate.open(), said]).toEqual([false, []])
    pass(1_000)
    expect([await gate.open(), said]).toEqual([true, ['unknown']])
  })
})

describe('a record of a reader', () => {
  it('counts for nothing in the name of another service, or of one that does not read the channel', async () => {
    const { gate, reads } = gateWith()
    gate.writes(ir)
    const reading = [{ channel: 'ir', major: 1, schema: 0 }]
    gate.hear([{ key: 'infra-manager/x.p', value: { service: 'xds-server', instance: 'x', reads: reading } }])
    reads('status-reporter', 'x', 'ir')
    gate.know()
    pass(expiryMs)
    expect(await gate.open()).toBe(true)
  })

  it('is not believed to have an endless name', () => {
    const { gate, waits, reads } = gateWith()
    gate.writes(ir)
    reads('xds-server', 'x'.repeat(100_000), 'ir')
    gate.know()
    expect(waits[0]?.length).toBeLessThan(1_000)
  })

  it('starts nothing at a gate that is closed', () => {
    const { gate, waits, reads } = gateWith()
    gate.writes(ir)
    gate.know()
    gate[Symbol.dispose]()
    reads('xds-server', 'old', 'ir')
    gate.writes(ir)
    expect([jest.getTimerCount(), waits]).toEqual([0, []])
  })
})
