// Contract: who may write, and what becomes of a leader that does not know that it no longer leads.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { freezable, laggingTails } from './broken-transport.ts'
import type { Rig } from './rig.ts'
import { createSource, notes, rawStream, storedSubjects, view, write } from './scene.ts'
import { expectTrueStates } from './witness.ts'

/** Believes in its lease for a minute, while the broker lets it expire after the usual time. */
const deluded = { leaseRenewMs: 60_000, leaseDeadlineMs: 60_000 }

const pages = { ...notes, name: 'pages' }

export function leadingContract(rig: () => Rig): void {
  describe('a standby', () => standby(rig))
  describe('a new leader', () => newLeader(rig))
  describe('a stale leader', () => staleLeader(rig))
  describe('a leader of several channels', () => severalChannels(rig))
  describe('one that leads without publishing', () => leadOnly(rig))
}

function standby(rig: () => Rig): void {
  it('takes over at once from a leader that ends in order, and changes nothing', async () => {
    const source = createSource({ 'a/1': 'one' })
    const leader = await rig().connect()
    const first = write(leader, source)
    await first.publisher.settled()
    const second = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect([first.publisher.leading, second.publisher.leading]).toEqual([true, false])
    expect(second.terms).toEqual([])

    await leader[Symbol.asyncDispose]()
    const id = await second.publisher.settled()
    await until('the new leader writes a whole commit', () => reader.follower.applied === id)
    expect(first.terms).toEqual(['lead', 'follow'])
    expect(second.terms).toEqual(['lead'])
    expect(reader.commits.at(-1)).toMatchObject({ reset: false, changes: [] })
  })
}

function newLeader(rig: () => Rig): void {
  it('takes no change for older than the last commit of its predecessor, which had them all', async () => {
    const leader = await rig().connect()
    const source = createSource({ 'a/1': 'one' })
    const first = await write(leader, source).publisher.settled()
    const standby = write(await rig().connect(), source)
    standby.publisher.changed(['a/1'], 1)
    source.set('a/1', 'two')
    await leader[Symbol.asyncDispose]()
    await standby.publisher.settled()
    expect(standby.rounds[0]).toMatchObject({ keys: ['a/1'], oldestChangeMs: first })
  })

  it('publishes only once it has read as far as its predecessor had', async () => {
    const input = { channel: 'resource', id: 70, streamCreatedMs: 1 }
    const leader = await rig().connect()
    const fresh = createSource({ 'a/1': 'new' })
    fresh.inputs = [input]
    await write(leader, fresh).publisher.settled()
    await leader[Symbol.asyncDispose]()

    const behind = createSource({ 'a/1': 'old' })
    behind.inputs = [{ ...input, id: 69 }]
    const { publisher, rounds } = write(await rig().connect(), behind)
    const reader = view(await rig().connect({ service: 'reader' }))
    await until('it leads', () => publisher.stream)
    publisher.changed(['a/1'])
    await reader.follower.whenSynced()
    expect([reader.texts, rounds]).toEqual([{ 'a/1': 'new' }, []])

    behind.inputs = [{ ...input, id: 71 }]
    behind.set('a/1', 'newer')
    publisher.changed([])
    await until('it has caught up', () => reader.texts['a/1'] === 'newer')
    expect(reader.commits.at(-1)?.commit.inputs).toEqual(behind.inputs)
  })

  it('whose replica of the stream lags writes nothing before it has read all of it', async () => {
    const leader = await rig().connect()
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(leader, source)
    await publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    source.set('c/1', 'the last of it')
    publisher.changed(['c/1'])
    const id = await publisher.settled()
    await until('it is applied', () => reader.follower.applied === id)
    await leader[Symbol.asyncDispose]()

    source.records.delete('c/1')
    const next = write(await rig().connect({ wrap: laggingTails(1, 300) }), source)
    await next.publisher.settled()
    await until('it sweeps what it had not heard of at first', () => reader.texts['c/1'] === undefined)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
  })

  it('leads on a stream whose last message is gone', async () => {
    const { door, subjects } = await rawStream(rig())
    await door.ensure()
    await door.put({ subject: subjects.of('stray/1'), data: Buffer.from('{}'), ttlMs: 1_000 })
    await until('it is gone', async () => (await storedSubjects(door)).size === 0)
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await rig().connect(), source)
    expect(await publisher.settled()).toBeGreaterThan(0)
  })

  it('is told what it takes over before its own state is asked for', async () => {
    const leader = await rig().connect()
    const source = createSource({ 'a/1': 'one', 'a/2': 'two', 'b/1': 'three' })
    const { publisher } = write(leader, source)
    await publisher.settled()
    source.records.delete('a/2')
    publisher.changed(['a/2'])
    await publisher.settled()
    await leader[Symbol.asyncDispose]()

    const told: unknown[] = []
    const bus = await rig().connect()
    const next = bus.publish(notes, {
      onRead: (records) => told.push(Object.fromEntries(records)),
      state: () => void told.push('state'),
    })
    await until('the state is asked for', () => told.includes('state'))
    expect(told.slice(0, 2)).toEqual([{ 'a/1': { text: 'one' }, 'b/1': { text: 'three' } }, 'state'])
    expect(next.leading).toBe(true)
  })

  it('does not wait for a stream that was created anew', async () => {
    const leader = await rig().connect()
    const source = createSource({ 'a/1': 'one' })
    source.inputs = [{ channel: 'resource', id: 70, streamCreatedMs: 1 }]
    await write(leader, source).publisher.settled()
    await leader[Symbol.asyncDispose]()
    source.inputs = [{ channel: 'resource', id: 5, streamCreatedMs: 2 }]
    const { publisher } = write(await rig().connect(), source)
    expect(await publisher.settled()).toBeGreaterThan(0)
  })

  it('follows its own inputs back, where a backup restored an older stream', async () => {
    const source = createSource({ 'a/1': 'from the new stream' })
    source.inputs = [{ channel: 'resource', id: 70, streamCreatedMs: 2 }]
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await publisher.settled()
    source.inputs = [{ channel: 'resource', id: 5, streamCreatedMs: 1 }]
    source.set('a/1', 'from the old stream')
    publisher.changed(['a/1'])
    await until('it goes on', () => reader.texts['a/1'] === 'from the old stream')
  })
}

function staleLeader(rig: () => Rig): void {
  /** Another leads, and writes once more when it is told to. */
  async function succeed(reader: ReturnType<typeof view>) {
    const source = createSource({ 'a/1': 'two' })
    const { publisher, terms } = write(await rig().connect(), source)
    await until('the standby leads', () => reader.texts['a/1'] === 'two')
    return {
      terms,
      async goesOn() {
        source.set('b/1', 'three')
        publisher.changed(['b/1'])
        await until('the leader goes on', () => reader.texts['b/1'] === 'three')
        expect(reader.texts).toEqual({ 'a/1': 'two', 'b/1': 'three' })
      },
    }
  }

  it('is refused, steps down, and nothing of it is seen', async () => {
    const stale = createSource({ 'a/1': 'one' })
    const first = write(await rig().connect({ settings: deluded }), stale)
    await first.publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    const source = createSource({ 'a/1': 'two' })
    const second = write(await rig().connect(), source)
    await until('the standby leads', () => reader.texts['a/1'] === 'two')

    expect(first.publisher.leading).toBe(true)
    stale.set('a/1', 'stale')
    first.publisher.changed(['a/1'])
    await until('it steps down', () => first.terms.includes('follow'))
    source.set('b/1', 'three')
    second.publisher.changed(['b/1'])
    const id = await second.publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'two', 'b/1': 'three' })
    expect(reader.commits.flatMap(({ changes }) => changes).some(({ value }) => value?.text === 'stale')).toBe(false)
  })

  it.each([1, 3])('frozen while it sent a commit of %d records is refused when it thaws', async (records) => {
    const ice = freezable()
    const stale = createSource({ 'a/1': 'one' })
    const first = write(await rig().connect({ settings: deluded, wrap: ice.wrap }), stale)
    await first.publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    ice.freeze()
    for (let record = 1; record <= records; record += 1) stale.set(`a/${record}`, 'stale')
    first.publisher.refresh()
    await until('a commit is on its way', () => ice.waiting > 0)
    const second = await succeed(reader)
    ice.thaw()
    await until('it steps down', () => first.terms.includes('follow'))
    await second.goesOn()
    expect(second.terms).toEqual(['lead'])
  })

  it('frozen between two commits of a round leaves a half that nobody sees, and sends no more of it', async () => {
    const ice = freezable()
    const stale = createSource({ 'a/1': 'one' })
    const settings = { ...deluded, maxCommitMessages: 3 }
    const first = write(await rig().connect({ settings, wrap: ice.wrap }), stale)
    await first.publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    ice.freeze(2)
    for (let record = 1; record <= 8; record += 1) stale.set(`o-${record}/1`, 'stale')
    first.publisher.refresh()
    await until('the third commit is on its way', () => ice.waiting > 0)
    const second = await succeed(reader)
    ice.thaw()
    await until('it steps down', () => first.terms.includes('follow'))
    await second.goesOn()
    expect(reader.commits.flatMap(({ changes }) => changes).some(({ value }) => value?.text === 'stale')).toBe(false)
    expectTrueStates(reader, rig().install)
  })

  it('that reads the stream again sees who leads now, and writes nothing', async () => {
    const stale = createSource({ 'a/1': 'one' })
    const first = write(await rig().connect({ settings: deluded }), stale)
    await first.publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    const source = createSource({ 'a/1': 'two' })
    const second = write(await rig().connect(), source)
    await until('the standby leads', () => reader.texts['a/1'] === 'two')
    const before = reader.commits.length

    expect(first.publisher.leading).toBe(true)
    // Every leader reads its stream after it; nothing is refused then.
    await rig().restart()
    await until('it steps down', () => first.terms.includes('follow'))
    source.set('b/1', 'three')
    second.publisher.changed(['b/1'])
    await until('the leader goes on', () => reader.texts['b/1'] === 'three')
    const told = reader.commits.slice(before).flatMap(({ changes }) => changes)
    expect(told.filter(({ key }) => key === 'a/1')).toEqual([])
  })

  it('that cannot renew its lease stops before it can expire', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher, terms } = write(await rig().connect({ settings: { leaseRenewMs: 60_000 } }), source)
    await publisher.settled()
    const standby = write(await rig().connect(), source)
    await until('it stops', () => terms.includes('follow'))
    expect(standby.publisher.leading).toBe(false)
    await until('the standby leads', () => standby.publisher.leading)
  })
}

function severalChannels(rig: () => Rig): void {
  it('publishes on none of them before all are fenced', async () => {
    const ice = freezable(({ subject }) => subject.includes('.pages.'))
    const bus = await rig().connect({ wrap: ice.wrap })
    ice.freeze()
    const source = createSource({ 'a/1': 'one' })
    const first = write(bus, source)
    const second = write(bus, source, pages)
    await until('one fence is on its way', () => ice.waiting > 0)
    await until('the other channel is read', () => first.publisher.stream)
    expect(first.rounds).toEqual([])
    ice.thaw()
    expect(await first.publisher.settled()).toBeGreaterThan(0)
    expect(await second.publisher.settled()).toBeGreaterThan(0)
  })
}

function leadOnly(rig: () => Rig): void {
  it('shares the lease with its peers, and has terms that grow', async () => {
    const terms: number[] = []
    const first = await rig().connect()
    const leading = first.lead({ onLead: (term) => terms.push(term) })
    await until('it leads', () => leading.held)
    const second = (await rig().connect()).lead({ onLead: (term) => terms.push(term) })
    expect(second.held).toBe(false)
    await first[Symbol.asyncDispose]()
    expect(leading.held).toBe(false)
    await until('the other leads', () => second.held)
    expect(terms).toHaveLength(2)
    expect(terms[1]).toBeGreaterThan(terms[0] ?? 0)
    expect(second.term).toBe(terms[1])
  })
}
