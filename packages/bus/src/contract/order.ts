// Contract: readers before writers. A writer that is newer than a live reader of its channel leaves the lead to others.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import type { Bus } from '../bus.ts'
import { channels } from '../channels.ts'
import type { BusSettings } from '../settings.ts'
import { createSubjectSpace } from '../subject-space.ts'
import { lateTails } from './broken-transport.ts'
import type { Rig } from './rig.ts'
import { createSource, notes, textsOf, view, type Write, write } from './scene.ts'
import { newer } from './versions.ts'

/** So short that a test can wait for it; nobody is late unless it says so. */
const brief: Partial<BusSettings> = { readersSettleMs: 300, readersWaitMs: 60_000 }

interface Told {
  readonly bus: Bus
  /** For whom it waits, each time that it was told otherwise; empty: for nobody. */
  readonly waits: string[]
}

async function writerBus(rig: Rig, settings: Partial<BusSettings> = {}): Promise<Told> {
  const waits: string[] = []
  const onReaders = (waitsFor = ''): void => void waits.push(waitsFor)
  const bus = await rig.connect({ service: 'translator', settings: { ...brief, ...settings }, onReaders })
  return { bus, waits }
}

/** A leader and a reader of the same build, at work. */
async function atWork(rig: Rig, readers: readonly string[] = ['one']) {
  const source = createSource({ 'a/1': 'one' })
  const old = await writerBus(rig)
  const first = write(old.bus, source)
  await first.publisher.settled()
  const buses = await Promise.all(readers.map((instance) => rig.connect({ service: 'xds-server', instance })))
  const views = buses.map((bus) => view(bus))
  for (const { follower } of views) await follower.whenSynced()
  return { source, old, first, buses, views }
}

/** A writer of the next build that found out for whom it has to wait. */
async function nextWriter(rig: Rig, source: ReturnType<typeof createSource>, settings: Partial<BusSettings> = {}) {
  const next = await writerBus(rig, settings)
  const written = write(next.bus, source, newer)
  await until('it knows who reads', () => next.waits.length > 0)
  return { ...next, ...written }
}

const lastOf = (waits: readonly string[]): string => waits.at(-1) ?? 'nothing said'

export function orderContract(rig: () => Rig): void {
  describe('a writer that is newer than a live reader', () => newerWriter(rig))
  describe('a reader that dies without a word', () => dead(rig))
  describe('a writer that is as old as its readers, or has none,', () => noWait(rig))
  describe('a reader that must not be waited for', () => passedOver(rig))
}

function newerWriter(rig: () => Rig): void {
  it('does not lead and says for whom it waits, until the reader is replaced; nothing freezes', async () => {
    const { source, old, first, buses, views } = await atWork(rig())
    const next = await nextWriter(rig(), source)
    await until('it waits', () => lastOf(next.waits).includes('xds-server.one (reads notes 1.1, not 1.2)'))
    const upgraded = view(await rig().connect({ service: 'xds-server', instance: 'two' }), newer)
    await upgraded.follower.whenSynced()
    // The leader of the old build would make room, and comes back as nobody else takes the lead.
    await old.bus[Symbol.asyncDispose]()
    const again = await writerBus(rig())
    const second = write(again.bus, source)
    source.set('a/1', 'two')
    await second.publisher.settled()
    await until('the edit is live', () => views[0]?.texts['a/1'] === 'two' && upgraded.texts['a/1'] === 'two')
    expect([first.publisher.leading, next.publisher.leading]).toEqual([false, false])

    await buses[0]?.[Symbol.asyncDispose]()
    await until('it waits for nobody', () => lastOf(next.waits) === '')
    expect(next.terms).toEqual([])
    await again.bus[Symbol.asyncDispose]()
    source.set('a/1', 'what?')
    await next.publisher.settled()
    await until('the edit is live', () => upgraded.texts['a/1'] === 'what?')
    expect([...(views[0]?.held ?? []), ...upgraded.held]).toEqual([])
  })

  it('waits for each of several, and says who is left', async () => {
    const { source, buses } = await atWork(rig(), ['one', 'two', 'three'])
    const next = await nextWriter(rig(), source)
    await until('it waits for all', () => lastOf(next.waits).split('reads notes').length === 4)
    await buses[0]?.[Symbol.asyncDispose]()
    await until('one is gone', () => !lastOf(next.waits).includes('xds-server.one'))
    expect(lastOf(next.waits)).toContain('xds-server.two')
    expect(next.bus.inspect()).toMatchObject({ readers: { known: true, mayLead: false, waitsFor: { length: 2 } } })
    expect(next.publisher.leading).toBe(false)
  })

  it('goes on when none of them goes for too long; then they hold what they have', async () => {
    const { source, old, views } = await atWork(rig(), ['one', 'two'])
    const next = await nextWriter(rig(), source, { readersWaitMs: 1_000 })
    await until('it waits for nobody any more', () => lastOf(next.waits) === '')
    expect(next.publisher.leading).toBe(false)
    await old.bus[Symbol.asyncDispose]()
    source.set('a/1', 'what?')
    await next.publisher.settled()
    await until('they hold', () => views.every(({ held }) => held[0]?.reason === 'schema'))
    expect(views.map(({ texts }) => texts)).toEqual([{ 'a/1': 'one' }, { 'a/1': 'one' }])
    expect(next.bus.inspect()).toMatchObject({ readers: { mayLead: true } })
  })

  it('takes no reader for gone when the broker lost everything', async () => {
    const { source, old, views } = await atWork(rig())
    const next = await nextWriter(rig(), source, { readersSettleMs: 2_000 })
    await rig().wipe()
    source.set('a/1', 'two')
    await until('all is back', () => views[0]?.texts['a/1'] === 'two', 20_000)
    const reader = await rig().connect({ service: 'translator' })
    write(reader, source, { ...notes, name: 'pages' })
    await until('the reader said it again', () => JSON.stringify(reader.inspect()).includes('"xds-server/one.'), 20_000)
    expect([next.terms, next.waits.filter((waitsFor) => waitsFor === '')]).toEqual([[], []])
    expect(old.waits).toEqual([''])
  })
}

function dead(rig: () => Rig): void {
  it('is waited for until what it said expires', async () => {
    const { source, old, buses } = await atWork(rig())
    const next = await nextWriter(rig(), source)
    const { place, presence } = { place: { install: rig().install, source: 'local' }, presence: channels.presence }
    const subjects = createSubjectSpace(place, presence)
    const transport = await rig().transport()
    const reads = [{ channel: notes.name, major: notes.major, schema: notes.schema }]
    const data = presence.codec.encode({ service: 'xds-server', instance: 'dead', reads })
    const message = { subject: subjects.of('xds-server/dead.p'), data, ttlMs: 15_000 }
    await transport.stream({ name: subjects.stream, subjects: subjects.all }).put(message)
    await until('it waits for both', () => lastOf(next.waits).includes('xds-server.dead'))
    await Promise.all([...buses, old.bus].map((bus) => bus[Symbol.asyncDispose]()))
    await until('one is left', () => !lastOf(next.waits).includes('xds-server.one'))
    expect(lastOf(next.waits)).toContain('xds-server.dead')
    await until('it leads', () => next.publisher.leading, 40_000)
  })
}

function noWait(rig: () => Rig): void {
  it('leads at once on an empty broker, and on one that is in use', async () => {
    const { source, old, first } = await atWork(rig())
    expect(first.publisher.leading).toBe(true)
    const standby = await writerBus(rig())
    const second = write(standby.bus, source)
    await until('it knows', () => standby.waits.length > 0)
    await old.bus[Symbol.asyncDispose]()
    await second.publisher.settled()
    expect([old.waits, standby.waits]).toEqual([[''], ['']])
  })

  it('leads as soon as it knows, and waits for no next attempt', async () => {
    const { source, old } = await atWork(rig())
    await old.bus[Symbol.asyncDispose]()
    const settings = { ...brief, leaseRetryMs: 3_600_000 }
    const next = await rig().connect({ service: 'translator', settings, wrap: lateTails(200) })
    await write(next, source).publisher.settled()
  })

  it('leads at once where nobody ever said what he reads', async () => {
    // Only the keeper makes that stream, and there is none.
    const bus = await rig().connect({ service: 'watcher' })
    const source = createSource({ 'a/1': 'one' })
    await write(bus, source, { ...notes, schema: 0 }).publisher.settled()
    expect(bus.inspect()).toMatchObject({ readers: { known: true, live: [], mayLead: true } })
  })

  it('takes the lead from a newer one: what that wrote is written again, and every reader heals', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'same' })
    const next = await writerBus(rig())
    source.set('a/1', 'what?')
    const first = write(next.bus, source, newer)
    await first.publisher.settled()
    const reader = view(await rig().connect({ service: 'xds-server', instance: 'old' }))
    const upgraded = view(await rig().connect({ service: 'xds-server', instance: 'new' }), newer)
    await upgraded.follower.whenSynced()
    await until('the older reader holds', () => reader.held.length > 0)
    expect(reader.follower.synced).toBe(false)

    const old = await writerBus(rig())
    source.set('a/1', 'one')
    const second: Write = write(old.bus, source)
    await next.bus[Symbol.asyncDispose]()
    await second.publisher.settled()
    await reader.follower.whenSynced()
    await until('both have it', () => upgraded.texts['a/1'] === 'one')
    expect([reader.texts, upgraded.texts]).toEqual([textsOf(source), textsOf(source)])
    expect(reader.held.at(-1)).toBeUndefined()
    expect(old.waits).toEqual([''])
  })
}

function passedOver(rig: () => Rig): void {
  it('is one that holds back already: it has no more to lose, and a leader that fails is replaced at once', async () => {
    const source = createSource({ 'a/1': 'what?' })
    const leader = await writerBus(rig())
    await write(leader.bus, source, newer).publisher.settled()
    const reader = view(await rig().connect({ service: 'xds-server', instance: 'old' }))
    await until('it holds', () => reader.held.length > 0)
    const standby = await nextWriter(rig(), source)
    await leader.bus[Symbol.asyncDispose]()
    await standby.publisher.settled()
    expect(standby.waits).toEqual([''])
  })

  it('is one of another channel, of another major version, or who acts on nothing', async () => {
    const source = createSource({ 'a/1': 'one' })
    const old = await writerBus(rig())
    await write(old.bus, source).publisher.settled()
    await write(old.bus, source, { ...notes, name: 'pages' }).publisher.settled()
    const pages = view(await rig().connect({ service: 'xds-server' }), { ...notes, name: 'pages' })
    const console = view(await rig().connect({ service: 'console' }))
    for (const { follower } of [pages, console]) await follower.whenSynced()
    const next = await nextWriter(rig(), source)
    expect(lastOf(next.waits)).toBe('')
  })
}
