// Contract: reader and writer of different schema versions. Readers are upgraded before writers; the other order holds.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import type { CommittedChannel } from '../channel.ts'
import type { Rig } from './rig.ts'
import { createSource, notes, type Source, type Value, type View, view, write } from './scene.ts'
import { expectTrueStates } from './witness.ts'

/** The next minor version: a text may be a question, which the older one does not know. */
export const newer: CommittedChannel<Value> = { ...notes, schema: notes.schema + 1 }

export function versionsContract(rig: () => Rig): void {
  describe('a reader of the version before its writer', () => olderReader(rig))
  describe('a reader of the version after its writer', () => newerReader(rig))
  describe('a writer of the version before that of the stream', () => olderWriter(rig))
}

interface Upgrade {
  readonly reader: View
  readonly source: Source
}

/** A reader of N-1 that is synced, and whose writer has just become one of N. */
async function writerFirst(rig: Rig): Promise<Upgrade> {
  const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
  const old = await rig.connect()
  await write(old, source).publisher.settled()
  const reader = view(await rig.connect({ service: 'reader' }))
  await reader.follower.whenSynced()
  await old[Symbol.asyncDispose]()
  source.set('a/1', 'what?')
  source.records.delete('b/1')
  await write(await rig.connect(), source, newer).publisher.settled()
  await until('the reader holds', () => reader.held.length > 0)
  return { reader, source }
}

function olderReader(rig: () => Rig): void {
  it('holds all of its last state, stays synced and says which commit and why', async () => {
    const { reader } = await writerFirst(rig())
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(reader.follower.synced).toBe(true)
    expect(reader.held[0]).toMatchObject({ reason: 'schema', message: 'schema 2 is newer than 1' })
    expect(reader.held[0]?.commit).toBeGreaterThan(reader.follower.applied)
  })

  it('holds through a new connection, too', async () => {
    const { reader } = await writerFirst(rig())
    const said = reader.held.length
    await rig().restart()
    await until('it is told again', () => reader.held.length > said)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(reader.held.at(-1)).toMatchObject({ reason: 'schema' })
  })

  it('does not become synced when it starts then, and heals by its own upgrade', async () => {
    await writerFirst(rig())
    const started = view(await rig().connect({ service: 'reader' }))
    await until('it holds', () => started.held.length > 0)
    expect(started.follower.synced).toBe(false)
    const upgraded = view(await rig().connect({ service: 'reader' }), newer)
    await upgraded.follower.whenSynced()
    expect(upgraded.texts).toEqual({ 'a/1': 'what?' })
    expect(upgraded.held).toEqual([])
    expectTrueStates(upgraded, rig().install)
  })
}

function newerReader(rig: () => Rig): void {
  it('follows as ever, and its writer can be upgraded under it', async () => {
    const source = createSource({ 'a/1': 'one' })
    const old = await rig().connect()
    await write(old, source).publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }), newer)
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual({ 'a/1': 'one' })
    await old[Symbol.asyncDispose]()
    source.set('a/1', 'what?')
    const id = await write(await rig().connect(), source, newer).publisher.settled()
    await until('it is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'what?' })
    expect(reader.held).toEqual([])
    expectTrueStates(reader, rig().install)
  })
}

function olderWriter(rig: () => Rig): void {
  /** The stream as the newer build left it: `a/1` is what the older cannot read. */
  async function leftByNewer(): Promise<View> {
    const bus = await rig().connect()
    const upgraded = view(await rig().connect({ service: 'reader' }), newer)
    await write(bus, createSource({ 'a/1': 'what?', 'b/1': 'same' }), newer).publisher.settled()
    await upgraded.follower.whenSynced()
    await bus[Symbol.asyncDispose]()
    return upgraded
  }

  it('reads nothing of what it might misread, and writes again what differs', async () => {
    const upgraded = await leftByNewer()
    const found: unknown[] = []
    const source = createSource({ 'a/1': 'plain', 'b/1': 'same' })
    const bus = await rig().connect()
    const publisher = bus.publish(notes, {
      onRead: (records) => found.push([...records]),
      state: () => source.state(),
    })
    publisher.refresh()
    const id = await publisher.settled()
    await until('it is applied', () => upgraded.follower.applied === id)
    expect(found).toEqual([[]])
    expect(upgraded.commits.at(-1)?.changes.map(({ key }) => key)).toEqual(['a/1'])
    const reader = view(await rig().connect({ service: 'reader' }))
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual({ 'a/1': 'plain', 'b/1': 'same' })
    expectTrueStates(reader, rig().install)
  })

  it('calls nothing readable while a held record stands as the newer build wrote it', async () => {
    const upgraded = await leftByNewer()
    const source = createSource({ 'b/1': 'changed' })
    source.held.add('a/1')
    const { publisher } = write(await rig().connect(), source)
    await publisher.settled()
    const reader = view(await rig().connect({ service: 'reader' }))
    await until('the reader of its own version holds', () => reader.held.length > 0)
    await until('the newer reader has it', () => upgraded.texts['b/1'] === 'changed')
    expect([upgraded.texts['a/1'], upgraded.held, reader.follower.synced]).toEqual(['what?', [], false])

    source.held.clear()
    source.set('a/1', 'plain')
    publisher.changed(['a/1'])
    await reader.follower.whenSynced()
    expect(reader.texts).toEqual({ 'a/1': 'plain', 'b/1': 'changed' })
  })
}
