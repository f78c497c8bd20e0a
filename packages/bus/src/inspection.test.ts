import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { silentLogger } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import type { Bus } from './bus.ts'
import { createSource, notes, view, write } from './contract/scene.ts'
import { createMemoryBus, type MemoryBroker } from './memory-bus.ts'

let broker: MemoryBroker
let open: Bus[]

beforeEach(() => {
  broker = createMemoryBus()
  open = []
})

afterEach(async () => {
  await Promise.all(open.map((bus) => bus[Symbol.asyncDispose]()))
  broker[Symbol.dispose]()
})

function connect(service: string): Bus {
  const bus = broker.connect({ install: 'test', source: 'local', service, settings: { leaseRetryMs: 20 } })
  open.push(bus)
  return bus
}

/** What the bus says of its one channel. */
const channelOf = (bus: Bus): unknown => (bus.inspect() as unknown as { channels: unknown[] }).channels[0]

describe('an outage', () => {
  it('is told once by a leader, and the lease is not asked for until it is over', async () => {
    const lines: string[] = []
    const note = (event: string, fields?: object): void => void lines.push(`${event} ${JSON.stringify(fields)}`)
    const logger = { ...silentLogger, info: note, warn: note, error: note, child: () => logger }
    const settings = { leaseRenewMs: 5, leaseRetryMs: 5, leaseDeadlineMs: 50, leaseTtlMs: 100 }
    const bus = broker.connect({ install: 'test', source: 'local', service: 'writer', settings, logger })
    open.push(bus)
    const { publisher } = write(bus, createSource({ 'a/1': 'one' }))
    // On a slow machine so short a lease runs out by itself too.
    await until('it leads and has written all', async () => (await publisher.settled()) > 0 && publisher.leading)
    lines.length = 0
    broker.stop()
    await until('its lease has run out', () => lines.some((line) => line.includes('"reason":"the lease could not')))
    expect(lines.filter((line) => line.startsWith('bus fault'))).toEqual([])
    broker.start()
    await until('it leads again', () => publisher.leading)
  })

  it('whose wipe takes the lease along is not taken for another leader', async () => {
    const bus = broker.connect({ install: 'test', source: 'local', service: 'writer', settings: { leaseRenewMs: 5 } })
    open.push(bus)
    const { publisher } = write(bus, createSource({ 'a/1': 'one' }))
    await publisher.settled()
    broker.wipe()
    const leadership = (): unknown => (bus.inspect() as { leadership?: unknown }).leadership
    await until('it steps down', () => !publisher.leading)
    expect(leadership()).toMatchObject({ reason: 'the lease is gone' })
  })
})

describe('what a bus says of itself', () => {
  it('is how far a writer and its reader are, and since which commit a key stands', async () => {
    const [writer, reader] = [connect('writer'), connect('reader')]
    const source = createSource({ 'a/1': 'one', 'b/1': 'one' })
    const { publisher } = write(writer, source)
    const seen = view(reader)
    const first = await publisher.settled()
    source.set('a/1', 'two')
    publisher.changed(['a/1'])
    const second = await publisher.settled()
    await until('the reader is there', () => seen.follower.applied === second)

    const leadership = { leading: true, term: expect.any(Number) }
    expect(writer.inspect()).toMatchObject({ install: 'test', service: 'writer', leadership })
    const where = { channel: 'notes', stream: 'test_notes_v1_local' }
    const written = { leading: true, lastCommit: second, records: 2, pending: false, waitsFor: undefined }
    expect(channelOf(writer)).toMatchObject({ ...where, does: 'publishes', ...written })
    const read = { synced: true, applied: second, newest: second, records: 2, waitingRecords: 0, heldBack: undefined }
    expect(channelOf(reader)).toMatchObject({ ...where, does: 'follows', ...read })

    expect(writer.inspect('notes/a/1')).toEqual([
      { does: 'publishes', key: 'a/1', leading: true, inStream: true, writtenBy: second },
    ])
    expect(reader.inspect('notes/a/1')).toMatchObject([{ inStream: true, changedBy: second }])
    expect(reader.inspect('notes/b/1')).toMatchObject([{ inStream: true, changedBy: first }])
    expect(reader.inspect('notes/c/1')).toMatchObject([{ inStream: false, changedBy: undefined }])
    expect(reader.inspect('nothing/a')).toBeUndefined()

    source.records.delete('a/1')
    publisher.changed(['a/1'])
    await publisher.settled()
    const removed = { inStream: false, writtenBy: undefined }
    expect(writer.inspect('notes/a/1')).toMatchObject([removed])
  })

  it('is why a writer does not write', async () => {
    const source = createSource()
    source.known = false
    const writer = connect('writer')
    write(writer, source)
    const waitsFor = 'all inputs of this service to be read'
    await until('it waits', () => (channelOf(writer) as { waitsFor?: string }).waitsFor === waitsFor)
    const standby = connect('writer')
    write(standby, source)
    expect(channelOf(standby)).toMatchObject({ leading: false })
    expect(standby.inspect()).toMatchObject({ leadership: { leading: false } })
  })

  it('is what a reader holds back, and why', async () => {
    const { publisher } = write(connect('writer'), createSource({ 'a/1': 'one' }), { ...notes, schema: 9 })
    const reader = connect('reader')
    view(reader)
    const commit = await publisher.settled()
    await until('it is held', () => (channelOf(reader) as { heldBack?: unknown }).heldBack)
    const heldBack = { reason: 'schema', commit, message: 'schema 9 is newer than 1' }
    expect(channelOf(reader)).toMatchObject({ synced: false, applied: 0, newest: commit, heldBack })
  })
})
