// The rules of a follower that no broker shows at will.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Commit } from '@penstock/ir'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { systemClock } from './clock.ts'
import { CommitReader } from './commit-reader.ts'
import { notes, type Value } from './contract/scene.ts'
import { createContents, digestTerm } from './digest.ts'
import { createBusEvents } from './events.ts'
import type { CommittedChange } from './follower.ts'
import { settingsWith } from './settings.ts'
import { createSubjectSpace } from './subject-space.ts'

const subjects = createSubjectSpace({ install: 'i', source: 's' }, notes)
const none = new Uint8Array(0)
const bytes = (text: string): Uint8Array => Buffer.from(JSON.stringify({ text }))

function createReader(): { reader: CommitReader<Value>; told: CommittedChange<Value>[]; restarts: string[] } {
  const restarts: string[] = []
  const told: CommittedChange<Value>[] = []
  const reader = new CommitReader<Value>({
    channel: notes,
    subjects,
    settings: settingsWith(),
    clock: systemClock,
    events: createBusEvents(silentLogger, silentMeter),
    options: { onCommit: (change) => told.push(change) },
    door: { info: async () => undefined },
    onReading() {},
    onProgress() {},
    onClosed() {},
    onSynced: () => {},
    restart: (reason) => restarts.push(reason),
  })
  return { reader, told, restarts }
}

let sequence = 0

function deliver(reader: CommitReader<Value>, key: string, text: string | undefined): void {
  sequence += 1
  const headers: Record<string, string> = text === undefined ? { 'Penstock-Op': 'delete' } : {}
  reader.message({
    subject: subjects.of(key),
    sequence,
    data: text === undefined ? none : bytes(text),
    headers,
    pending: 9,
  })
}

function commit(
  reader: CommitReader<Value>,
  id: number,
  texts: Record<string, string>,
  over: Partial<Commit> = {},
  pending = 1,
): void {
  const contents = createContents()
  for (const [key, text] of Object.entries(texts))
    contents.set(subjects.of(key), digestTerm(subjects.of(key), bytes(text)))
  const record: Commit = {
    id,
    schema: 1,
    whole: true,
    liveKeys: contents.size,
    digest: contents.digest(),
    inputs: [],
    held: [],
    oldestChangeMs: 0,
    ...over,
  }
  sequence += 1
  reader.message({ subject: subjects.commit, sequence, data: Commit.encode(record).finish(), headers: {}, pending })
}

const summary = (told: CommittedChange<Value>[]): unknown[] =>
  told.map(({ commit: { id }, reset, changes }) => [
    id,
    reset,
    Object.fromEntries(changes.map((c) => [c.key, c.value?.text])),
  ])

describe('a follower', () => {
  it('waits for the whole commit of a round, and for one that agrees with what it was told', () => {
    const { reader, told } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '1')
    commit(reader, 5, { a: '1' }, { whole: false })
    deliver(reader, 'b', '1')
    commit(reader, 6, { a: '1' })
    expect(told).toEqual([])
    commit(reader, 7, { a: '1', b: '1' })
    expect(summary(told)).toEqual([[7, true, { a: '1', b: '1' }]])
  })

  it('never applies a lower id, unless the stream was created anew', () => {
    const { reader, told } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '1')
    commit(reader, 100, { a: '1' })
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '0')
    commit(reader, 90, { a: '0' })
    expect(reader.applied).toBe(100)
    commit(reader, 101, { a: '0' })
    reader.start({ createdMs: 2, fresh: true })
    deliver(reader, 'b', '1')
    commit(reader, 50, { b: '1' })
    expect(summary(told)).toEqual([
      [100, true, { a: '1' }],
      [101, true, { a: '0' }],
      [50, true, { a: undefined, b: '1' }],
    ])
  })

  it('tells the difference only, after a full read that was itself interrupted', () => {
    const { reader, told } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    for (const key of ['a', 'b', 'c', 'd']) deliver(reader, key, '1')
    commit(reader, 1, { a: '1', b: '1', c: '1', d: '1' })
    deliver(reader, 'a', 'half of a round')
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'b', '2')
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '1')
    deliver(reader, 'd', undefined)
    deliver(reader, 'b', '3')
    commit(reader, 2, { a: '1', b: '3' })
    expect(summary(told.slice(1))).toEqual([[2, true, { b: '3', c: undefined, d: undefined }]])
  })
})

describe('what a follower is told', () => {
  it('does not tell of what went back to what it was', () => {
    const { reader, told } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '1')
    commit(reader, 1, { a: '1' })
    deliver(reader, 'a', '2')
    commit(reader, 2, { a: '2' }, { whole: false })
    deliver(reader, 'a', '1')
    deliver(reader, 'b', '1')
    commit(reader, 3, { a: '1', b: '1' })
    expect(summary(told.slice(1))).toEqual([[3, false, { b: '1' }]])
  })

  it('goes on where it was when delivery goes on', () => {
    const { reader, told } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    deliver(reader, 'a', '1')
    commit(reader, 1, { a: '1' })
    deliver(reader, 'b', '1')
    reader.start({ createdMs: 1, fresh: false })
    commit(reader, 2, { a: '1', b: '1' })
    expect(summary(told.slice(1))).toEqual([[2, false, { b: '1' }]])
  })
})

describe('a digest that differs', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  it('makes a full read only when 2 s have not cured it', () => {
    const { reader, told, restarts } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    commit(reader, 1, { a: '1' }, {}, 0)
    jest.advanceTimersByTime(1_999)
    expect(restarts).toEqual([])
    jest.advanceTimersByTime(1)
    expect(restarts).toEqual(['digest'])
    expect(told).toEqual([])
  })

  it('is nothing while more is to be delivered, or when it is cured in time', () => {
    const { reader, told, restarts } = createReader()
    reader.start({ createdMs: 1, fresh: true })
    commit(reader, 1, { a: '1' }, {}, 5)
    jest.advanceTimersByTime(60_000)
    commit(reader, 2, { a: '1' }, {}, 0)
    jest.advanceTimersByTime(1_000)
    deliver(reader, 'a', '1')
    commit(reader, 3, { a: '1' }, {}, 0)
    jest.advanceTimersByTime(60_000)
    expect(restarts).toEqual([])
    expect(summary(told)).toEqual([[3, true, { a: '1' }]])
  })

  it('that full reads do not cure is read again after ever longer waits', () => {
    const { reader, restarts } = createReader()
    for (const waitMs of [2_000, 4_000, 8_000]) {
      reader.start({ createdMs: 1, fresh: true })
      const before = restarts.length
      commit(reader, 1, { a: '1' }, {}, 0)
      jest.advanceTimersByTime(waitMs - 1)
      expect(restarts).toHaveLength(before)
      jest.advanceTimersByTime(1)
      expect(restarts).toHaveLength(before + 1)
    }
  })
})
