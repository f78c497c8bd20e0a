// Contract: when a writer compares the whole of what should be there with what is there, what it does then, and what it
// leaves alone since it does not know.
import { describe, expect, it } from '@jest/globals'
import { Commit } from '@penstock/ir'
import { until } from '@penstock/testkit'
import type { PublishedState } from '../difference.ts'
import { commitOf } from '../snapshot.ts'
import type { StreamDoor } from '../stream-door.ts'
import type { SubjectSpace } from '../subject-space.ts'
import type { Rig } from './rig.ts'
import { createSource, notes, publish, rawStream, type Value, type View, view, write } from './scene.ts'
import { expectTrueStates } from './witness.ts'

export function comparingContract(rig: () => Rig): void {
  describe('a leader whose difference is empty', () => emptyDifference(rig))
  describe('a writer', () => comparing(rig))
  describe('a kind that cannot be listed', () => heldKind(rig))
  describe('the id of a commit', () => ids(rig))
}

async function synced(rig: Rig): Promise<View> {
  const reader = view(await rig.connect({ service: 'reader' }))
  await reader.follower.whenSynced()
  return reader
}

/** Every commit record that the stream holds. */
function storedCommits({ door, subjects }: { door: StreamDoor; subjects: SubjectSpace }): Promise<readonly Commit[]> {
  const commits: Commit[] = []
  return new Promise((resolve) => {
    const tail = door.tail({
      start() {},
      message: (message) => void commits.push(...[commitOf(message, subjects) ?? []].flat()),
      drained: () => void tail[Symbol.asyncDispose]().then(() => resolve(commits)),
    })
  })
}

function emptyDifference(rig: () => Rig): void {
  it('writes a whole commit all the same where the newest is of half a round', async () => {
    const source = createSource({ 'a/1': 'one', 'b/1': 'two' })
    const first = await rig().connect()
    await write(first, source).publisher.settled()
    await first[Symbol.asyncDispose]()
    const raw = await rawStream(rig())
    const [whole] = await storedCommits(raw)
    // As a writer would have left it that died before the last commit of a round.
    const half = { ...(whole as Commit), id: (whole?.id ?? 0) + 1, whole: false }
    await raw.door.put({ subject: raw.subjects.commit, data: Commit.encode(half).finish() })
    const late = view(await rig().connect({ service: 'reader' }))

    const next = write(await rig().connect(), source)
    await late.follower.whenSynced()
    expect(late.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(late.follower.applied).toBeGreaterThan(half.id)
    await next.publisher.settled()
    expect(next.rounds[0]).toMatchObject({ keys: [] })
  })

  it('and whose inputs lag waits, and says so with the next whole commit', async () => {
    const input = { channel: 'resource', id: 70, streamCreatedMs: 1 }
    const source = createSource({ 'a/1': 'one' })
    source.inputs = [input]
    const first = await rig().connect()
    await write(first, source).publisher.settled()
    await first[Symbol.asyncDispose]()
    const reader = await synced(rig())

    source.inputs = [{ ...input, id: 69 }]
    const { publisher, rounds } = write(await rig().connect(), source)
    await until('it leads', () => publisher.stream)
    source.inputs = [{ ...input, id: 71 }]
    publisher.changed([])
    const id = await publisher.settled()
    await until('it is applied', () => reader.follower.applied === id)
    expect(rounds).toEqual([{ id, keys: [], oldestChangeMs: 0 }])
    expect(reader.commits.at(-1)).toMatchObject({ changes: [], commit: { inputs: [{ id: 71 }] } })
  })
}

function comparing(rig: () => Rig): void {
  const damage = async (): Promise<void> => {
    const { door, subjects } = await rawStream(rig())
    await door.put({ subject: subjects.of('a/1'), data: Buffer.from('{"text":"forged"}') })
    await door.put({ subject: subjects.of('stray/1'), data: Buffer.from('{"text":"forged"}') })
  }

  it('mends on a slow timer what nobody told it of', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher, rounds } = write(await rig().connect({ settings: { resyncMs: 200 } }), source)
    const id = await publisher.settled()
    await damage()
    await until('it is mended', () => rounds.some(({ keys }) => keys.includes('stray/1')))
    const reader = await synced(rig())
    expect(reader.texts).toEqual({ 'a/1': 'one' })
    expect(reader.follower.applied).toBeGreaterThan(id)
  })

  it.each([
    { what: 'of half a round', forged: { whole: false } },
    { what: 'with another count', forged: { liveKeys: 7 } },
    { what: 'with another digest', forged: { digest: new Uint8Array(16) } },
  ])('writes a whole commit where nothing is wrong but the newest commit record: one $what', async ({ forged }) => {
    const { publisher } = write(await rig().connect({ settings: { resyncMs: 200 } }), createSource({ 'a/1': 'one' }))
    const id = await publisher.settled()
    const raw = await rawStream(rig())
    const [commit] = await storedCommits(raw)
    const record = { ...(commit as Commit), ...forged, id: id + 1 }
    await raw.door.put({ subject: raw.subjects.commit, data: Commit.encode(record).finish() })
    const late = view(await rig().connect({ service: 'reader' }))
    await until('it is mended', () => late.follower.applied > id + 1)
    expect(late.texts).toEqual({ 'a/1': 'one' })
  })

  it('that compares and finds nothing commits nothing', async () => {
    const { publisher, rounds } = write(
      await rig().connect({ settings: { resyncMs: 50 } }),
      createSource({ 'a/1': 'one' }),
    )
    const id = await publisher.settled()
    await until('it has compared', () => rounds.length > 3)
    expect(new Set(rounds.map((round) => round.id))).toEqual(new Set([id]))
    const { door } = await rawStream(rig())
    const { lastSequence } = (await door.info()) ?? { lastSequence: 0 }
    // The fence, and one commit of one record.
    expect(lastSequence).toBe(2)
  })

  it('refused by the fence while it holds its lease reads again and repeats, and leads on', async () => {
    const source = createSource({ 'a/1': 'one' })
    const { publisher, terms } = write(await rig().connect(), source)
    await publisher.settled()
    const reader = await synced(rig())
    await damage()
    source.set('b/1', 'two')
    publisher.changed(['b/1'])
    const id = await publisher.settled()
    await until('it is applied', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'a/1': 'one', 'b/1': 'two' })
    expect(terms).toEqual(['lead'])
    expectTrueStates(reader, rig().install)
  })
}

function heldKind(rig: () => Rig): void {
  const records = { 'route/1': 'r', 'service/1': 's', 'service/2': 's', 'secret/1': 'k' }

  it('keeps its records through a cold start of the writer, which cannot name them, and what depends on them', async () => {
    const first = await rig().connect()
    await write(first, createSource(records)).publisher.settled()
    const reader = await synced(rig())
    await first[Symbol.asyncDispose]()

    // It lists routes, but neither services nor the secrets that only those name: all that it knows of them is what it
    // is told that the stream holds.
    const source = createSource({ 'route/1': 'changed' })
    const next = (await rig().connect()).publish(notes, {
      onRead(left) {
        for (const key of left.keys()) if (!key.startsWith('route/')) source.held.add(key)
      },
      state: () => source.state(),
    })
    next.refresh()
    await until('what is known arrives', () => reader.texts['route/1'] === 'changed')
    expect(reader.texts).toEqual({ ...records, 'route/1': 'changed' })
    const held = ['secret/1', 'service/1', 'service/2']
    expect(reader.commits.at(-1)?.commit.held).toEqual(held)

    // It can be listed again, and says that one is gone.
    source.held.clear()
    for (const key of ['service/1', 'secret/1']) source.set(key, 'back')
    next.refresh()
    const id = await next.settled()
    await until('it heals', () => reader.follower.applied === id)
    expect(reader.texts).toEqual({ 'route/1': 'changed', 'service/1': 'back', 'secret/1': 'back' })
    expect(reader.commits.at(-1)?.commit.held).toEqual([])
  })

  it('is still held when the writer is followed by another that cannot list it either', async () => {
    const first = await rig().connect()
    await write(first, createSource(records)).publisher.settled()
    await first[Symbol.asyncDispose]()
    for (let life = 0; life < 2; life += 1) {
      const bus = await rig().connect()
      const source = createSource({ 'route/1': 'r' })
      for (const key of Object.keys(records)) if (key !== 'route/1') source.held.add(key)
      await write(bus, source).publisher.settled()
      await bus[Symbol.asyncDispose]()
    }
    expect((await synced(rig())).texts).toEqual(records)
  })

  it('may hold keys that nobody can list: what is asked of them is answered', async () => {
    const first = await rig().connect()
    await write(first, createSource(records)).publisher.settled()
    await first[Symbol.asyncDispose]()
    const inDoubt = { size: 0, has: (key: string) => key.startsWith('service/'), [Symbol.iterator]: () => [].values() }
    const bus = await rig().connect()
    const known = createSource({ 'route/1': 'r', 'service/1': 'guessed' })
    const next = bus.publish(notes, { state: () => ({ ...(known.state() as PublishedState<Value>), held: inDoubt }) })
    next.refresh()
    await next.settled()
    const { 'secret/1': _, ...rest } = records
    expect((await synced(rig())).texts).toEqual(rest)
  })

  it('counts as answered: its absence blocks nobody, and an empty channel of only held keys is whole', async () => {
    const held = new Set(['service/1'])
    const bus = await rig().connect()
    bus.publish(notes, { state: () => ({ get: () => undefined, keys: () => [], held, inputs: [] }) }).refresh()
    const reader = await synced(rig())
    expect(reader.commits).toMatchObject([{ commit: { held: ['service/1'], liveKeys: 0, whole: true } }])
  })
}

function ids(rig: () => Rig): void {
  const slow = { nowMs: () => 1_000, monotonicMs: () => performance.now() }

  it('grows though the clock of the next leader is behind', async () => {
    const first = await rig().connect()
    const id = await write(first, createSource({ 'a/1': 'one' })).publisher.settled()
    const reader = await synced(rig())
    await first[Symbol.asyncDispose]()
    const next = publish(await rig().connect({ clock: slow }), notes, { 'a/1': { value: { text: 'two' } } })
    expect(await next.settled()).toBe(id + 1)
    await until('it is applied', () => reader.texts['a/1'] === 'two')
  })

  it('grows over a wipe, for the writer knows its last', async () => {
    let nowMs = Date.now()
    const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() }
    const source = createSource({ 'a/1': 'one' })
    const { publisher } = write(await rig().connect({ clock }), source)
    const id = await publisher.settled()
    const reader = await synced(rig())
    nowMs = 1_000
    await rig().wipe()
    await until('the new stream is applied', () => reader.commits.length > 1)
    expect(reader.follower.applied).toBeGreaterThan(id)
  })
}
