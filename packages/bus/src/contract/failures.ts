// Contract: what goes wrong with a broker, a writer or a record, and what followers see of it.
import { describe, expect, it } from '@jest/globals'
import { Commit } from '@penstock/ir'
import { until } from '@penstock/testkit'
import { damagedTails, dyingAfter } from './broken-transport.ts'
import type { Rig } from './rig.ts'
import { createSource, notes, rawStream, view, write } from './scene.ts'

export function failuresContract(rig: () => Rig): void {
  describe('a broker that was killed', () => killedBroker(rig))
  describe('a writer that dies between two commits of a round', () => dyingWriter(rig))
  describe('a stream that somebody else wrote to', () => forgedStream(rig))
  describe('what a follower cannot read', () => unreadable(rig))
}

function killedBroker(rig: () => Rig): void {
  it('and kept its streams: followers go on where they were, in the same stream', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    for (let round = 0; round < 3; round += 1) {
      await rig().restart()
      source.set('a/1', `after ${round}`)
      publisher.changed(['a/1'])
      await until('the change is applied', () => reader.texts['a/1'] === `after ${round}`)
    }
    expect(new Set(reader.commits.map(({ streamCreatedMs }) => streamCreatedMs)).size).toBe(1)
    expect(reader.commits.slice(1).every(({ reset }) => !reset)).toBe(true)
  })

  it('and lost everything: the writer brings it back, and followers never see it empty', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    const before = reader.commits.length
    const id = await publisher.settled()
    await rig().wipe()
    await until('the new stream is applied', () => reader.commits.length > before)
    const [created, again] = [reader.commits[0], reader.commits.at(-1)]
    expect(again).toMatchObject({ reset: true, changes: [] })
    expect(again?.streamCreatedMs).not.toBe(created?.streamCreatedMs)
    expect(again?.commit.id).toBeGreaterThan(id)
    source.records.delete('b/1')
    publisher.changed(['b/1'])
    await until('a change is applied', () => reader.texts['b/1'] === undefined)
    expect(reader.follower.synced).toBe(true)
  })

  it('while the state changed: what was removed meanwhile is removed', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    source.records.delete('a/1')
    await rig().wipe()
    publisher.changed(['a/1'])
    await until('the removal is applied', () => reader.texts['a/1'] === undefined)
    expect(reader.texts).toEqual({ 'b/1': 'two' })
  })
}

function dyingWriter(rig: () => Rig): void {
  it('leaves a half that no follower ever applies; the next leader mends it', async () => {
    const old = createSource()
    for (let object = 0; object < 1_500; object += 1) old.set(`o-${object}/1`, 'old')
    const first = await rig().connect()
    await write(first, old).publisher.settled()
    await first[Symbol.asyncDispose]()
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()

    const source = createSource()
    for (const key of old.records.keys()) source.set(key, 'new')
    // Fence, then the first commit of the round; nothing after.
    const dying = dyingAfter(2)
    write(await rig().connect({ wrap: dying.wrap }), source)
    await until('the writer is dead', () => dying.dead)
    const late = view(await rig().connect({ service: 'reader' }))
    const { door } = await rawStream(rig())
    expect((await door.info())?.lastSequence).toBeGreaterThan(2_500)
    expect(reader.commits).toHaveLength(1)
    expect(new Set(Object.values(reader.texts))).toEqual(new Set(['old']))
    expect(late.follower.synced).toBe(false)

    write(await rig().connect(), source)
    await until('the next leader mends it', () => Object.values(reader.texts).every((text) => text === 'new'))
    await late.follower.whenSynced()
    expect(late.texts).toEqual(reader.texts)
    // Never a mixture.
    expect(reader.commits.slice(1).map(({ changes }) => changes.length)).toEqual([1_500])
  })
}

function forgedStream(rig: () => Rig): void {
  it('is mended by the writer, and no follower applies what its commits do not cover', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    const { door, subjects } = await rawStream(rig())
    await door.put({ subject: subjects.of('a/1'), data: Buffer.from('{"text":"forged"}') })
    await door.put({ subject: subjects.of('stray/1'), data: Buffer.from('{"text":"forged"}') })
    source.set('b/1', 'two')
    publisher.changed(['b/1'])
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(reader.commits.flatMap(({ changes }) => changes).some(({ value }) => value?.text === 'forged')).toBe(false)
  })

  it('even if it is a commit record that does not fit: everything is read again, and the last state stays', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    const { door, subjects } = await rawStream(rig())
    const forged = { id: Date.now() * 2, schema: 1, whole: true, liveKeys: 7, digest: new Uint8Array(16) }
    const record = { ...forged, inputs: [], held: [], oldestChangeMs: 0 }
    await door.put({ subject: subjects.commit, data: Commit.encode(record).finish() })
    source.set('a/1', 'uno')
    publisher.changed(['a/1'])
    await until('the writer goes on', () => reader.texts['a/1'] === 'uno')
    // Ids only grow, so followers go on after the forged one too.
    expect(reader.follower.applied).toBeGreaterThan(forged.id)
  })

  it('a follower that finds a digest that differs reads everything again', async () => {
    const source = createSource({ 'a/1': 'one' })
    write(await rig().connect(), source)
    let starts = 0
    // The first delivery is damaged on the way.
    const damaged = damagedTails(() => {
      starts += 1
      return starts === 1
    })
    const reader = view(await rig().connect({ service: 'reader', wrap: damaged }))
    await reader.follower.whenSynced()
    expect(starts).toBeGreaterThan(1)
    expect(reader.texts).toEqual({ 'a/1': 'one' })
  })
}

function unreadable(rig: () => Rig): void {
  it('of a newer schema is held back; the last good state stays, and it says so', async () => {
    const source = createSource({ 'a/1': 'one' })
    const newer = { ...notes, schema: 2 }
    const old = await rig().connect()
    await write(old, source).publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    await old[Symbol.asyncDispose]()

    const upgraded = await rig().connect()
    source.set('a/1', 'in a new way')
    await write(upgraded, source, newer).publisher.settled()
    await until('the reader holds', () => reader.held.length > 0)
    expect(reader.held[0]).toMatchObject({ reason: 'schema' })
    expect(reader.texts).toEqual({ 'a/1': 'one' })
    expect(reader.follower.synced).toBe(true)
    await upgraded[Symbol.asyncDispose]()

    source.set('a/1', 'as before')
    write(await rig().connect(), source)
    await until('the older writer is back', () => reader.texts['a/1'] === 'as before')
    expect(reader.held.at(-1)).toBeUndefined()
  })

  it('is held back with its whole commit', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source)
    const picky = {
      ...notes,
      codec: {
        ...notes.codec,
        decode: (data: Uint8Array, key: string) => {
          const value = notes.codec.decode(data, key)
          if (value.text === 'riddle') throw new Error('no idea')
          return value
        },
      },
    }
    const reader = view(await rig().connect({ service: 'reader' }), picky)
    await reader.follower.whenSynced()
    source.set('a/1', 'riddle')
    source.set('b/1', 'due')
    publisher.changed(['a/1', 'b/1'])
    await until('the reader holds', () => reader.held.length > 0)
    expect(reader.held[0]).toMatchObject({ reason: 'unreadable', message: 'a/1: no idea' })
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    source.set('a/1', 'answer')
    publisher.changed(['a/1'])
    await until('it can be read again', () => reader.texts['a/1'] === 'answer')
    expect(reader.texts).toEqual({ 'a/1': 'answer', 'b/1': 'due' })
  })
}
