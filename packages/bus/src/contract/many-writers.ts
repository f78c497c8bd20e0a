// Contract: channels with many writers.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import type { Announcer } from '../announcer.ts'
import type { Bus } from '../bus.ts'
import type { SharedChannel } from '../channel.ts'
import type { Follower } from '../follower.ts'
import type { Rig } from './rig.ts'
import { notes, type Value } from './scene.ts'

const { codec, publishers, readers } = notes
export const kept: SharedChannel<Value> = {
  name: 'kept',
  major: 1,
  schema: 0,
  codec,
  writers: 'many',
  retention: 'last',
  sealed: false,
  publishers,
  readers,
}
export const fleeting: SharedChannel<Value> = {
  ...kept,
  name: 'fleeting',
  retention: { refreshMs: 300, expiryMs: 1_000 },
}

export function listen(
  bus: Bus,
  channel: SharedChannel<Value>,
): { texts: Record<string, string>; changes: number[]; follower: Follower } {
  const texts: Record<string, string> = {}
  const changes: number[] = []
  const follower = bus.listen(channel, {
    onChange(some) {
      changes.push(some.length)
      for (const { key, value } of some) {
        if (value === undefined) delete texts[key]
        else texts[key] = value.text
      }
    },
  })
  return { texts, changes, follower }
}

export function announceTo(
  bus: Bus,
  channel: SharedChannel<Value>,
  texts: Readonly<Record<string, string>>,
): Announcer<Value> {
  const announcer = bus.announce(channel)
  for (const [key, text] of Object.entries(texts)) announcer.put(key, { text })
  return announcer
}

export function sharedContract(rig: () => Rig): void {
  describe('a channel with many writers', () => manyWriters(rig))
  describe('a channel whose records expire', () => expiring(rig))
}

function manyWriters(rig: () => Rig): void {
  it('holds the records of each, and a reader is synced once it has read all', async () => {
    for (const writer of ['a', 'b', 'c']) {
      const announcer = (await rig().connect()).announce(kept)
      announcer.put(`fleet/${writer}`, { text: writer })
    }
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    await reader.follower.whenSynced()
    await until('all are read', () => Object.keys(reader.texts).length === 3)
    expect(reader.texts).toEqual({ 'fleet/a': 'a', 'fleet/b': 'b', 'fleet/c': 'c' })
  })

  it('tells of changes and removals, and of nothing else', async () => {
    const announcer = (await rig().connect()).announce(kept)
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    announcer.put('a', { text: '1' })
    announcer.put('b', { text: '1' })
    await until('both are read', () => Object.keys(reader.texts).length === 2)
    const before = reader.changes.length
    announcer.put('a', { text: '1' })
    announcer.put('a', { text: '2' })
    await until('the change is read', () => reader.texts['a'] === '2')
    announcer.delete('b')
    await until('the removal is read', () => reader.texts['b'] === undefined)
    expect(reader.changes.length).toBe(before + 2)
  })

  it('has the latest of a key, whoever wrote it', async () => {
    const [first, second] = [announceTo(await rig().connect(), kept, {}), announceTo(await rig().connect(), kept, {})]
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    for (const [index, announcer] of [first, second, first, second].entries()) {
      announcer.put('shared', { text: `${index}` })
      await until('it is read', () => reader.texts['shared'] === `${index}`)
    }
  })

  it('keeps a record beyond its writer, until any other removes it', async () => {
    const bus = await rig().connect()
    announceTo(bus, kept, { a: '1', b: '1' })
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    await until('both are read', () => Object.keys(reader.texts).length === 2)
    await bus[Symbol.asyncDispose]()
    announceTo(await rig().connect(), kept, {}).delete('a')
    await until('one is removed', () => reader.texts['a'] === undefined)
    const late = listen(await rig().connect({ service: 'reader' }), kept)
    await late.follower.whenSynced()
    expect([reader.texts, late.texts]).toEqual([{ b: '1' }, { b: '1' }])
  })

  it('is synced when it is empty', async () => {
    await rig()
      .connect()
      .then((bus) => bus.announce(kept))
    await listen(await rig().connect({ service: 'reader' }), kept).follower.whenSynced()
  })

  it('comes back by itself when the broker loses everything, without what was removed meanwhile', async () => {
    const bus = await rig().connect()
    const announcer = bus.announce(kept)
    announcer.put('a', { text: '1' })
    announcer.put('b', { text: '1' })
    const reader = listen(await rig().connect({ service: 'reader' }), kept)
    await until('both are read', () => Object.keys(reader.texts).length === 2)
    await rig().wipe()
    announcer.delete('b')
    announcer.put('a', { text: '2' })
    await until('the new state is read', () => reader.texts['b'] === undefined && reader.texts['a'] === '2')
  })
}

function expiring(rig: () => Rig): void {
  it('keeps what its writer refreshes and forgets what it does not', async () => {
    const [lasting, dying] = [await rig().connect(), await rig().connect()]
    lasting.announce(fleeting).put('lasting', { text: '1' })
    const reader = listen(await rig().connect({ service: 'reader' }), fleeting)
    await until('it is read', () => reader.texts['lasting'])
    // Written once, by hand: as by a process that was killed.
    const transport = await rig().transport()
    const name = `${rig().install}_fleeting_v1_local`
    const subject = dying.subject(fleeting, 'dying')
    await transport.stream({ name, subjects: '' }).put({ subject, data: Buffer.from('{"text":"1"}'), ttlMs: 1_000 })
    await until('it is read', () => reader.texts['dying'])
    await until('it is gone', () => reader.texts['dying'] === undefined)
    expect(reader.texts).toEqual({ lasting: '1' })
    const late = listen(await rig().connect({ service: 'reader' }), fleeting)
    await late.follower.whenSynced()
    // The broker is a little slower to forget than a reader.
    await until('it is gone there too', () => late.texts['dying'] === undefined)
    // A writer that had no processor for a while was forgotten there, until it wrote again.
    await until('the other is there', () => late.texts['lasting'])
    // A refresh is no change.
    expect(reader.changes).toHaveLength(3)
  })

  it('takes back its records when a writer ends in order', async () => {
    const bus = await rig().connect()
    bus.announce({ ...fleeting, retention: { refreshMs: 20_000, expiryMs: 60_000 } }).put('a', { text: '1' })
    const reader = listen(await rig().connect({ service: 'reader' }), fleeting)
    await until('it is read', () => reader.texts['a'])
    await bus[Symbol.asyncDispose]()
    await until('it is gone', () => reader.texts['a'] === undefined)
  })
}
