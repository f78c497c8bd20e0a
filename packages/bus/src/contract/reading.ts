// Contract: a reader at every point of a commit. One history with every form of a commit is written past readers whose
// line breaks at each of its messages in turn; none of them may ever see a state that no commit described.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { gated, slowTails } from './broken-transport.ts'
import { createLine, type FrailLine } from './line.ts'
import type { Rig } from './rig.ts'
import { createSource, type Source, textsOf, type View, view, type Write, write } from './scene.ts'
import { expectTrueStates } from './witness.ts'

/** Three records to a commit, so that a round of eight is several. */
const smallCommits = { maxCommitMessages: 4 }

/** Each step is a round; `undefined` removes. Together they have every form that a commit can have. */
const history: readonly Readonly<Record<string, string | undefined>>[] = [
  { 'a/1': '1', 'a/2': '1', 'b/1': '1', 'c/1': '1', 'd/1': '1' },
  { 'a/1': '2' },
  { 'a/1': '3', 'a/2': '3', 'b/1': undefined },
  { 'a/1': '4', 'a/2': '4', 'b/1': '4', 'c/1': undefined, 'd/1': '4', 'e/1': '4', 'f/1': '4', 'g/1': '4' },
  { 'd/1': undefined },
  { 'b/1': '6' },
  { 'e/1': undefined, 'f/1': undefined, 'a/2': '7' },
]

/** Messages of it: of a round of one written record one, else one for each record and one for each commit. */
const messageCount = history
  .map((step) => Object.values(step))
  .reduce(
    (sum, values) => sum + (values.length === 1 && values[0] ? 1 : values.length + Math.ceil(values.length / 3)),
    0,
  )

const points = Array.from({ length: messageCount }, (_, message) => message)

function edit(source: Source, { publisher }: Write, step: Readonly<Record<string, string | undefined>>): void {
  for (const [key, text] of Object.entries(step)) {
    if (text === undefined) source.records.delete(key)
    else source.set(key, text)
  }
  publisher.changed(Object.keys(step))
}

async function writeAll(source: Source, writer: Write): Promise<void> {
  for (const step of history) {
    edit(source, writer, step)
    await writer.publisher.settled()
  }
}

export function readingContract(rig: () => Rig): void {
  describe('a reader at every point of a commit', () => everyPoint(rig))
  describe('a reader that comes while a round is written', () => freshReaders(rig))
}

interface Placed {
  readonly reader: View
  readonly line: FrailLine
}

/** Readers of an empty channel, each on a line of its own. */
async function placed(rig: Rig): Promise<Placed[]> {
  const readers = await Promise.all(
    points.map(async () => {
      const line = createLine()
      return { line, reader: view(await rig.connect({ service: 'reader', line, settings: { heartbeatMs: 200 } })) }
    }),
  )
  await Promise.all(readers.map(({ reader }) => reader.follower.whenSynced()))
  return readers
}

async function expectArrived(rig: Rig, readers: readonly View[], source: Source): Promise<void> {
  const texts = textsOf(source)
  const same = (reader: View): boolean => JSON.stringify(sorted(reader.texts)) === JSON.stringify(sorted(texts))
  await until('every reader has the last state', () => readers.every(same))
  for (const reader of readers) expectTrueStates(reader, rig.install)
}

const sorted = (texts: Readonly<Record<string, string>>): unknown => Object.entries(texts).sort()

function everyPoint(rig: () => Rig): void {
  it('loses that message, and resumes', async () => {
    const source = createSource()
    const writer = write(await rig().connect({ settings: smallCommits }), source)
    const readers = await placed(rig())
    for (const [message, { line }] of readers.entries()) line.loseOne(message)
    await writeAll(source, writer)
    await expectArrived(
      rig(),
      readers.map(({ reader }) => reader),
      source,
    )
    // Delivery went on where it broke: nobody read everything again.
    expect(readers.flatMap(({ reader }) => reader.commits.slice(1)).some(({ reset }) => reset)).toBe(false)
  })

  it('is cut off there, and resumes when the rest of the history has overtaken it', async () => {
    const source = createSource()
    const writer = write(await rig().connect({ settings: smallCommits }), source)
    const readers = await placed(rig())
    for (const [message, { line }] of readers.entries()) line.cut(message)
    await writeAll(source, writer)
    for (const { line } of readers) line.mend()
    await expectArrived(
      rig(),
      readers.map(({ reader }) => reader),
      source,
    )
  })

  it('is slow there, while others go on, and takes the rest later', async () => {
    const source = createSource()
    const writer = write(await rig().connect({ settings: smallCommits }), source)
    const slow = slowTails()
    const readers = await Promise.all(
      points.map(async (message) => view(await rig().connect({ service: 'reader', wrap: slow.from(message) }))),
    )
    await Promise.all(readers.map(({ follower }) => follower.whenSynced()))
    slow.begin()
    await writeAll(source, writer)
    const quick = view(await rig().connect({ service: 'reader' }))
    await expectArrived(rig(), [quick], source)
    // It never blocked the writer; and each has told no more than what it had taken.
    expect(readers[0]?.texts).toEqual({})
    slow.end()
    await expectArrived(rig(), readers, source)
  })
}

function freshReaders(rig: () => Rig): void {
  it('waits for the whole commit, between any two commits of the history', async () => {
    const source = createSource()
    const gate = gated()
    const writer = write(await rig().connect({ settings: smallCommits, wrap: gate.wrap }), source)
    await writer.publisher.settled()
    const readers: View[] = []
    gate.before(async () => {
      const reader = view(await rig().connect({ service: 'reader' }))
      readers.push(reader)
    })
    await writeAll(source, writer)
    await expectArrived(rig(), readers, source)
    expect(readers.length).toBeGreaterThan(history.length)
  })

  it('and loses any message of its first read, reads it all the same', async () => {
    const source = createSource()
    const writer = write(await rig().connect({ settings: smallCommits }), source)
    await writeAll(source, writer)
    const readers = await Promise.all(
      Array.from({ length: source.records.size + 4 }, async (_, message) => {
        const line = createLine()
        line.loseOne(message)
        return view(await rig().connect({ service: 'reader', line, settings: { heartbeatMs: 200 } }))
      }),
    )
    await expectArrived(rig(), readers, source)
  })
}
