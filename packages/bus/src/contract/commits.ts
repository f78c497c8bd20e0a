// Contract: commits and those who follow them.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import type { Rig } from './rig.ts'
import { createSource, notes, view, write } from './scene.ts'

export function commitsContract(rig: () => Rig): void {
  describe('a commit', () => commitAndFollow(rig))
  describe('a round', () => roundsOfCommits(rig))
  describe('a round of more than 1,000 records', () => largeRounds(rig))
  describe('what must not be written', () => notWritten(rig))
  describe('what cannot be written', () => {
    tooLarge(rig)
    unencodable(rig)
  })
  describe('a place', () => places(rig))
}

function commitAndFollow(rig: () => Rig): void {
  it('carries what is written, and later what changes, to every follower', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(reader.commits[0]).toMatchObject({ reset: true })

    source.set('a/1', 'uno', { 'changed-at': '17' })
    source.records.delete('b/1')
    publisher.changed(['a/1', 'b/1', 'c/none'], 17)
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'uno' })
    const last = reader.commits.at(-1)
    expect(last).toMatchObject({ reset: false, commit: { id, whole: true, liveKeys: 1, oldestChangeMs: 17 } })
    expect(last?.streamCreatedMs).toBe(publisher.stream?.createdMs)
    expect(last?.changes).toContainEqual({ key: 'a/1', value: { text: 'uno' }, headers: { 'changed-at': '17' } })
  })

  it('of one record tells just that record', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher, rounds } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    source.set('b/1', 'due')
    publisher.changed(['b/1'])
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.commits.at(-1)?.changes.map(({ key }) => key)).toEqual(['b/1'])
    expect(rounds.at(-1)).toEqual({ id, keys: ['b/1'], oldestChangeMs: 0 })
    // A follower that comes later finds the commit record there too.
    const late = view(await rig().connect({ service: 'reader' }))
    await late.follower.whenSynced()
    expect(late.texts).toEqual({ 'a/1': 'one', 'b/1': 'due' })
  })
}

function roundsOfCommits(rig: () => Rig): void {
  it('is not made for what is equal, whatever its headers', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher, rounds } = write(await rig().connect(), source)
    const before = await publisher.settled()
    source.set('a/1', 'one', { 'changed-at': '2' })
    publisher.changed(['a/1'])
    publisher.refresh()
    expect(await publisher.settled()).toBe(before)
    expect(rounds.at(-1)).toMatchObject({ id: before, keys: [] })
  })

  it('takes all changes that were announced together', async () => {
    const source = createSource({ 'a/1': '' })
    const { publisher, rounds } = write(await rig().connect(), source)
    await publisher.settled()
    const before = rounds.length
    for (const name of ['a/1', 'a/2', 'b/1']) {
      source.set(name, 'new')
      publisher.changed([name], Number(name.slice(-1)))
    }
    await publisher.settled()
    expect(rounds.slice(before)).toMatchObject([{ keys: ['a/1', 'a/2', 'b/1'], oldestChangeMs: 1 }])
  })

  it('has ids that only grow, near to the time', async () => {
    const source = createSource()
    const { publisher } = write(await rig().connect(), source)
    let last = await publisher.settled()
    expect(last).toBeGreaterThan(Date.now() - 60_000)
    for (let round = 0; round < 20; round += 1) {
      source.set('a/1', String(round))
      publisher.changed(['a/1'])
      const id = await publisher.settled()
      expect(id).toBeGreaterThan(last)
      last = id
    }
  })

  it('of an empty state still makes followers synced', async () => {
    write(await rig().connect(), createSource())
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(reader.commits).toMatchObject([{ changes: [], commit: { liveKeys: 0 } }])
  })
}

function largeRounds(rig: () => Rig): void {
  it('is several commits of which the last is whole, and readers see it at once', async () => {
    const source = createSource()
    for (let object = 0; object < 900; object += 1) {
      for (const part of ['1', '2', '3']) source.set(`o-${object}/${part}`, `${object}`)
    }
    const { publisher, rounds } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(Object.keys(reader.texts)).toHaveLength(2_700)
    expect(reader.commits).toHaveLength(1)

    for (const key of source.records.keys()) source.set(key, 'changed')
    publisher.refresh()
    const id = await publisher.settled()
    await until('the round is applied', () => reader.follower.applied === id)
    expect(reader.commits).toHaveLength(2)
    expect(reader.commits[1]?.changes).toHaveLength(2_700)
    expect(rounds.at(-1)?.keys).toHaveLength(2_700)
  })

  it('may be 20 MB', async () => {
    const source = createSource()
    for (let object = 0; object < 20; object += 1) source.set(`o-${object}/1`, 'x'.repeat(1_000_000))
    write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(Object.keys(reader.texts)).toHaveLength(20)
  })
}

function notWritten(rig: () => Rig): void {
  it('is everything, while the state is unknown: nothing is removed either', async () => {
    const first = await rig().connect()
    await write(first, createSource({ 'a/1': 'one' })).publisher.settled()
    await first[Symbol.asyncDispose]()

    const source = createSource()
    source.known = false
    const { publisher, terms } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    await until('the new writer leads', () => terms.includes('lead') && publisher.stream)
    publisher.changed(['a/1'])
    expect(reader.texts).toEqual({ 'a/1': 'one' })
    source.known = true
    source.set('b/1', 'two')
    publisher.refresh()
    await until('the state is known', () => reader.texts['a/1'] === undefined)
    expect(reader.texts).toEqual({ 'b/1': 'two' })
  })

  it('is a held key: it keeps its record, and the commit names it', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two', 'c/1': 'three' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await publisher.settled()
    source.held.add('a/1').add('b/1')
    source.records.delete('a/1')
    source.set('b/1', 'broken')
    source.set('c/1', 'tres')
    publisher.refresh()
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two', 'c/1': 'tres' })
    expect(reader.commits.at(-1)?.commit.held).toEqual(['a/1', 'b/1'])

    source.held.clear()
    publisher.refresh()
    const healed = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === healed)
    expect(reader.texts).toEqual({ 'b/1': 'broken', 'c/1': 'tres' })
    expect(reader.commits.at(-1)?.commit.held).toEqual([])
  })
}

function tooLarge(rig: () => Rig): void {
  it('is a record over the limit: it keeps what it was, the rest goes on, and it heals', async () => {
    const source = createSource({ 'a/1': 'small', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source)
    const reader = view(await rig().connect({ service: 'reader' }))
    await publisher.settled()
    source.set('a/1', 'x'.repeat(2 * 1024 * 1024))
    source.set('b/1', 'due')
    publisher.changed(['a/1', 'b/1'])
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'small', 'b/1': 'due' })
    expect(reader.commits.at(-1)?.commit.held).toEqual(['a/1'])
    source.set('a/1', 'less')
    publisher.changed(['a/1'])
    await until('the record heals', () => reader.texts['a/1'] === 'less')
    expect(reader.commits.at(-1)?.commit.held).toEqual([])
  })
}

function unencodable(rig: () => Rig): void {
  it('is a record without bytes: it keeps what it was, the rest goes on, and it heals', async () => {
    const encode: typeof notes.codec.encode = (note) => {
      if (note.text === 'odd') throw new Error('nothing says this')
      return notes.codec.encode(note)
    }
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const { publisher } = write(await rig().connect(), source, { ...notes, codec: { ...notes.codec, encode } })
    const reader = view(await rig().connect({ service: 'reader' }))
    await publisher.settled()
    source.set('a/1', 'odd')
    source.set('b/1', 'due')
    publisher.changed(['a/1', 'b/1'])
    const id = await publisher.settled()
    await until('the commit is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'due' })
    expect(reader.commits.at(-1)?.commit.held).toEqual(['a/1'])
    source.set('a/1', 'even')
    publisher.changed(['a/1'])
    await until('the record heals', () => reader.texts['a/1'] === 'even')
  })
}

function places(rig: () => Rig): void {
  it('shares a broker with other installs and sources, and sees nothing of them', async () => {
    const places = ['red', 'blue'].flatMap((install) => ['east', 'west'].map((source) => ({ install, source })))
    const readers = await Promise.all(
      places.map(async ({ install, source }) => {
        const names = { install: `${rig().install}-${install}`, source }
        write(await rig().connect(names), createSource({ 'a/1': `${install} ${source}` }))
        return view(await rig().connect({ ...names, service: 'reader' }))
      }),
    )
    await Promise.all(readers.map(({ follower }) => follower.whenSynced()))
    expect(readers.map(({ texts }) => texts)).toEqual(places.map((p) => ({ 'a/1': `${p.install} ${p.source}` })))
  })

  it('takes every key', async () => {
    const keys = [
      'gateway.networking.k8s.io/HTTPRoute/default/web',
      '/Service//a.b',
      '#0/é€*>$ _~=',
      `x/${'n'.repeat(253)}`,
    ]
    const source = createSource(Object.fromEntries(keys.map((key) => [key, key])))
    write(await rig().connect(), source, { ...notes, group: (key) => key })
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual(Object.fromEntries(keys.map((key) => [key, key])))
  })
}
