// Contract: readers whose place in the stream means nothing any more, since the store lost its past or forgot a removal
// while they were away.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { createLine } from './line.ts'
import { announceTo, kept, listen } from './many-writers.ts'
import type { Rig } from './rig.ts'
import {
  createSource,
  notes,
  rawStream,
  type Source,
  storedSubjects,
  type View,
  view,
  type Write,
  write,
} from './scene.ts'
import { expectTrueStates } from './witness.ts'

export function lostPastContract(rig: () => Rig): void {
  describe('a store that was truncated', () => truncated(rig))
  describe('a stream that was created anew', () => createdAnew(rig))
  describe('leases that were wiped', () => wipedLeases(rig))
  describe('a reader that is away longer than a tombstone lives', () => tombstones(rig))
}

interface World {
  readonly source: Source
  readonly writer: Write
  readonly reader: View
  readonly line: ReturnType<typeof createLine>
}

async function world(rig: Rig, texts: Readonly<Record<string, string>>): Promise<World> {
  const source = createSource(texts)
  const writer = write(await rig.connect({ settings: { tombstoneMs: 1_000 } }), source)
  const line = createLine()
  const reader = view(await rig.connect({ service: 'reader', line }))
  await reader.follower.whenSynced()
  return { source, writer, reader, line }
}

async function change({ source, writer }: World, key: string, text?: string): Promise<number> {
  if (text === undefined) source.records.delete(key)
  else source.set(key, text)
  writer.publisher.changed([key])
  return writer.publisher.settled()
}

async function lastSequence(rig: Rig): Promise<number> {
  const { door } = await rawStream(rig)
  return (await door.info())?.lastSequence ?? 0
}

function truncated(rig: () => Rig): void {
  it('below what a reader has: it keeps what it has, and goes on with the next commit', async () => {
    const here = await world(rig(), { 'a/1': 'saved', 'b/1': 'saved' })
    const restore = await rig().save()
    for (const text of ['1', '2', '3']) {
      await change(here, 'a/1', text)
      await until('it is applied', () => here.reader.texts['a/1'] === text)
    }
    await restore()
    await until('the writer brought it back', async () => (await lastSequence(rig())) > 0)
    await change(here, 'b/1', 'later')
    await until('the reader goes on', () => here.reader.texts['b/1'] === 'later')
    expect(here.reader.texts).toEqual({ 'a/1': '3', 'b/1': 'later' })
    expect(here.reader.commits.flatMap(({ changes }) => changes.map(({ value }) => value?.text))).toEqual([
      'saved',
      'saved',
      '1',
      '2',
      '3',
      'later',
    ])
    expectTrueStates(here.reader, rig().install)
  })

  // Among these numbers are those after which the stream ends below, at and above the place of the reader.
  it.each([1, 2, 3, 4, 5])('and refilled while a reader was away that had read %d commits more', async (commits) => {
    const here = await world(rig(), { 'a/1': 'saved', 'b/1': 'saved' })
    const restore = await rig().save()
    for (let text = 1; text <= commits; text += 1) await change(here, 'a/1', `lost ${text}`)
    await until('all are applied', () => here.reader.texts['a/1'] === `lost ${commits}`)
    const before = await lastSequence(rig())
    here.line.cut()
    here.source.set('a/1', 'refilled')
    await restore()
    here.writer.publisher.changed(['a/1'])
    await here.writer.publisher.settled()
    await change(here, 'b/1', 'refilled')
    expect(Math.abs((await lastSequence(rig())) - before)).toBeLessThan(6)
    here.line.mend()
    await until('the reader has it', () => Object.values(here.reader.texts).every((text) => text === 'refilled'))
    expectTrueStates(here.reader, rig().install)
  })
}

function createdAnew(rig: () => Rig): void {
  it.each([0, 1, 2, 3])('and refilled while a reader was away: with %d commits less it is read whole', async (less) => {
    const here = await world(rig(), { 'a/1': 'old', 'b/1': 'old' })
    for (let text = 0; text <= less; text += 1) await change(here, 'b/1', `old ${text}`)
    const id = await here.writer.publisher.settled()
    await until('all is applied', () => here.reader.follower.applied === id)
    here.line.cut()
    await rig().wipe()
    await change(here, 'a/1', 'new')
    here.line.mend()
    await until('the reader has it', () => here.reader.texts['a/1'] === 'new')
    expect(here.reader.commits.slice(1).filter(({ reset }) => reset)).toMatchObject([{ changes: [{ key: 'a/1' }] }])
    expect(here.reader.follower.applied).toBeGreaterThan(id)
    expectTrueStates(here.reader, rig().install)
  })
}

function wipedLeases(rig: () => Rig): void {
  it('begin to count anew: a leader fences what another fenced under the same number, and writes', async () => {
    const bus = await rig().connect()
    const number = await new Promise<number>((resolve) => void bus.lead({ onLead: resolve }))
    const { door, subjects } = await rawStream(rig())
    await door.ensure()
    await door.put({ subject: subjects.fence, data: Buffer.from(JSON.stringify({ term: number })) })
    const { publisher } = write(bus, createSource({ 'a/1': 'one' }))
    const reader = view(await rig().connect({ service: 'reader' }))
    await until('it has written', () => reader.texts['a/1'] === 'one')
    expect(await publisher.settled()).toBe(reader.follower.applied)
  })
}

/** Waits until the stream has forgotten that the record was ever there. */
async function forgotten(
  rig: Rig,
  channel: { readonly name: string; readonly major: number },
  key: string,
): Promise<void> {
  const { door, subjects } = await rawStream(rig, channel)
  await until('the tombstone is gone', async () => !(await storedSubjects(door)).has(subjects.of(key)))
}

function tombstones(rig: () => Rig): void {
  it('learns of the removal by the digest', async () => {
    const here = await world(rig(), { 'a/1': 'one', 'b/1': 'two' })
    here.line.cut()
    await change(here, 'a/1')
    await forgotten(rig(), notes, 'a/1')
    here.line.mend()
    await until('the removal is applied', () => here.reader.texts['a/1'] === undefined)
    expect(here.reader.texts).toEqual({ 'b/1': 'two' })
    expectTrueStates(here.reader, rig().install)
  })

  it('learns of it on a channel without commits, too', async () => {
    const announcer = announceTo(await rig().connect({ settings: { tombstoneMs: 1_000 } }), kept, { a: '1', b: '1' })
    const line = createLine()
    const reader = listen(await rig().connect({ service: 'reader', line }), kept)
    await until('both are read', () => Object.keys(reader.texts).length === 2)
    line.cut()
    announcer.delete('a')
    await until('it is removed', async () => (await rawStream(rig(), kept)).door.info())
    await forgotten(rig(), kept, 'a')
    line.mend()
    await until('the removal is read', () => reader.texts['a'] === undefined)
    expect(reader.texts).toEqual({ b: '1' })
  })
}
