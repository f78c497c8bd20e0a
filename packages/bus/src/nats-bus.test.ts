// What only NATS can do to a bus.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { jetstreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { type NatsServer, startNatsServer, until } from '@penstock/testkit'
import { type Bus, busPartsOf, createBus } from './bus.ts'
import { quick } from './contract/rig.ts'
import { createSource, view, write } from './contract/scene.ts'
import { createNatsBus } from './nats-bus.ts'
import { type Connection, isAtLeast, openConnection } from './nats-connection.ts'
import { createNatsTransport } from './nats-transport.ts'
import type { BusSettings } from './settings.ts'

jest.setTimeout(60_000)

const ended: AsyncDisposable[] = []
let server: NatsServer
let nats: NatsConnection
let installs = 0

beforeAll(async () => {
  server = await startNatsServer()
  nats = await connect({ servers: server.url })
})
afterEach(async () => {
  await Promise.all(ended.splice(0).map((part) => part[Symbol.asyncDispose]()))
})
afterAll(async () => {
  await nats.close()
  await server.stop()
})

async function bus(service: string, settings: Partial<BusSettings> = {}): Promise<Bus> {
  const place = { install: `nats-${installs}`, service, source: 'local' }
  const opened = await createNatsBus({ servers: server.url, ...place, settings: { ...quick, ...settings } })
  ended.push(opened)
  return opened
}

/** A reader's bus on a connection that loses the messages that `lose` picks. */
async function losing(lose: () => boolean): Promise<Bus> {
  const options = { install: `nats-${installs}`, service: 'reader', source: 'local', settings: quick }
  const parts = busPartsOf(options)
  const connection = await openConnection({ servers: server.url }, options, parts)
  const lossy = Object.create(connection.nats) as NatsConnection
  lossy.subscribe = (subject, how) =>
    connection.nats.subscribe(subject, { ...how, callback: (error, m) => void (lose() || how?.callback?.(error, m)) })
  const transport = await createNatsTransport(withNats(connection, lossy), options, parts)
  const opened = createBus(transport, options, parts)
  ended.push(opened)
  return opened
}

const withNats = (connection: Connection, nats: NatsConnection): Connection => ({
  ...connection,
  nats,
  get connected() {
    return connection.connected
  },
})

const streamName = (): string => `nats-${installs}_notes_v1_local`

describe('a NATS server', () => {
  it('that is too old is refused by name', async () => {
    const old = createServer((socket) => {
      socket.write(
        'INFO {"server_id":"x","version":"2.11.9","max_payload":1048576,"headers":true,"jetstream":true}\r\n',
      )
      socket.on('data', (data) => data.includes('PING') && socket.write('PONG\r\n'))
      socket.on('error', () => {})
    })
    old.listen(0, '127.0.0.1')
    await once(old, 'listening')
    const { port } = old.address() as { port: number }
    const place = { install: 'old', service: 's', source: 'local' }
    const opening = createNatsBus({ servers: `127.0.0.1:${port}`, ...place })
    await expect(opening).rejects.toMatchObject({ code: 'bus_too_old', message: expect.stringContaining('2.11.9') })
    old.close()
  })

  it.each([
    ['2.12.3', true],
    ['2.12.10', true],
    ['2.15.1', true],
    ['3.0.0-beta.1', true],
    ['2.12.2', false],
    ['2.9.30', false],
    ['unknown', false],
  ])('of version %s: usable is %p', (version, usable) => {
    expect(isAtLeast(version, '2.12.3')).toBe(usable)
  })

  it('that stands still and comes back loses nothing', async () => {
    installs += 1
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await bus('writer', { pingMs: 200 }), source)
    const reader = view(await bus('reader', { pingMs: 200 }))
    await reader.follower.whenSynced()
    process.kill(server.pid, 'SIGSTOP')
    try {
      source.set('a/1', 'two')
      publisher.changed(['a/1'])
      await until('the lease ran out', () => !publisher.leading)
    } finally {
      process.kill(server.pid, 'SIGCONT')
    }
    await until('the change is applied', () => reader.texts['a/1'] === 'two')
    expect(reader.follower.synced).toBe(true)
  })
})

describe('a stream', () => {
  it('has the fields that commits lean on, also when it was there before', async () => {
    installs += 1
    const manager = await jetstreamManager(nats)
    await manager.streams.add({ name: streamName(), subjects: [`nats-${installs}.notes.v1.local.>`] })
    await write(await bus('writer'), createSource({ 'a/1': 'one' })).publisher.settled()
    const { config } = await manager.streams.info(streamName())
    expect(config).toMatchObject({
      max_msgs_per_subject: 1,
      allow_atomic: true,
      allow_msg_ttl: true,
      allow_direct: true,
    } satisfies Partial<StreamConfig>)
  })

  it('that cannot be made so is reported, and is used as soon as it can', async () => {
    installs += 1
    const manager = await jetstreamManager(nats)
    const subjects = [`nats-${installs}.notes.v1.local.>`]
    await manager.streams.add({ name: streamName(), subjects, storage: StorageType.Memory })
    const { publisher, rounds } = write(await bus('writer'), createSource({ 'a/1': 'one' }))
    await until('it leads', () => publisher.leading)
    expect(rounds).toEqual([])
    await manager.streams.delete(streamName())
    expect(await publisher.settled()).toBeGreaterThan(0)
  })

  it('deleted under a live connection comes back, and followers notice', async () => {
    installs += 1
    write(await bus('writer', { resyncMs: 300 }), createSource({ 'a/1': 'one' }))
    const reader = view(await bus('reader'))
    await reader.follower.whenSynced()
    const manager = await jetstreamManager(nats)
    await manager.streams.delete(streamName())
    await until('the new stream is applied', () => reader.commits.length > 1)
    expect(reader.commits[1]?.streamCreatedMs).not.toBe(reader.commits[0]?.streamCreatedMs)
    expect(reader.texts).toEqual({ 'a/1': 'one' })
  })

  it('whose consumer vanishes is read on without a full read', async () => {
    installs += 1
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await bus('writer'), source)
    const reader = view(await bus('reader'))
    await reader.follower.whenSynced()
    const manager = await jetstreamManager(nats)
    for await (const { name } of manager.consumers.list(streamName()))
      await manager.consumers.delete(streamName(), name)
    source.set('a/1', 'two')
    publisher.changed(['a/1'])
    await until('the change is applied', () => reader.texts['a/1'] === 'two')
    expect(reader.commits.at(-1)?.reset).toBe(false)
  })
})

describe('a message lost on the way', () => {
  it('is missed, and delivery goes on before it', async () => {
    installs += 1
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await bus('writer'), source)
    let left = 10
    const reader = view(await losing(() => left-- === 0))
    await reader.follower.whenSynced()
    for (let round = 0; round < 20; round += 1) {
      source.set(`a/${round}`, 'new')
      publisher.changed([`a/${round}`])
      await publisher.settled()
    }
    await until('all is applied', () => Object.keys(reader.texts).length === 20)
    expect(left).toBeLessThan(0)
    expect(reader.commits.slice(1).some(({ reset }) => reset)).toBe(false)
  })
})

describe('a leader whose process is frozen beyond its lease', () => {
  let child: ChildProcess
  afterEach(() => void child.kill('SIGKILL'))

  it('and thaws, in whatever it did, changes nothing', async () => {
    installs += 1
    const script = join(import.meta.dirname, 'contract/writer-process.ts')
    child = spawn(process.execPath, ['--conditions=source', script, server.url, `nats-${installs}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout?.on('data', (data) => {
      said += String(data)
    })
    const reader = view(await bus('reader'))
    await until('the child writes', () => reader.texts['a/2'])
    const pid = child.pid as number
    process.kill(pid, 'SIGSTOP')
    const source = createSource({ 'a/1': 'new' })
    const { publisher, terms } = write(await bus('writer'), source)
    await until('the standby leads', () => reader.texts['a/1'] === 'new')
    const seen = reader.commits.length
    process.kill(pid, 'SIGCONT')
    await until('it steps down', () => said.includes('follow'))
    for (let round = 0; round < 20; round += 1) {
      source.set('b/1', `${round}`)
      publisher.changed(['b/1'])
      await publisher.settled()
    }
    await until('all is applied', () => reader.texts['b/1'] === '19')
    expect(reader.texts).toEqual({ 'a/1': 'new', 'b/1': '19' })
    expect(terms).toEqual(['lead'])
    expect(reader.commits.slice(seen).flatMap(({ changes }) => changes.map(({ key }) => key))).not.toContain('a/1')
  })
})
