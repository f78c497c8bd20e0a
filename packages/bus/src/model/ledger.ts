// What was committed, by whom, and whether each reader was told only that. It looks from outside: it compares what a
// writer handed over with what it sends, and what readers are told with what writers handed over.
import { Commit } from '@penstock/ir'
import type { CommittedChannel } from '../channel.ts'
import type { Value } from '../contract/scene.ts'
import { createContents, digestTerm } from '../digest.ts'
import type { CommittedChange } from '../follower.ts'
import { headerNames } from '../message-headers.ts'
import type { OutMessage } from '../stream-door.ts'
import { createSubjectSpace, type SubjectSpace } from '../subject-space.ts'
import type { Witness } from './process.ts'
import { committedChannels, type Picture, type Texts } from './scene.ts'

interface Described extends Picture {
  readonly whole: boolean
}

export interface Writer {
  /** What it last said of a channel when it was asked. */
  handedOver(channel: string): Picture | undefined
  /** Of its last time as leader. */
  readonly term: number
}

export interface WatchedReader {
  readonly name: string
  readonly channel: CommittedChannel<Value>
  /** All that it knows. */
  readonly texts: Texts
  /** It has taken what was delivered at once. */
  readonly process: { readonly alert: boolean }
}

export interface Ledger {
  /** The first broken rule, if any was. */
  readonly broken: string | undefined
  /** Somebody else wrote: what commits build on may be older from here on. */
  disturb(): void
  /** The store lost its past: leases and fences too, so who leads is anybody's guess until all have asked again. */
  lose(): void
  /** Readers may have to read everything again. */
  interrupt(): void
  /** Watches one writing process. */
  witness(service: string, writer: Writer): Witness
  /** Watches one reader of a channel. */
  reader(reader: WatchedReader): (change: CommittedChange<Value>) => void
}

/** `ordered`: what is stored is said in the order in which it is. */
export function createLedger(install: string, { ordered }: { ordered: boolean }): Ledger {
  const book = createBook(install, ordered)
  return {
    get broken() {
      return book.broken
    },
    disturb() {
      book.disturbances += 1
      book.interrupt()
    },
    lose() {
      book.disturbances += 1
      book.interrupt()
      book.knowsLeader = false
    },
    interrupt: () => book.interrupt(),
    witness: (service, writer) => ({
      sending: (stream, messages) => checkSent(book, writer, stream, messages),
      stored(stream, messages) {
        if (book.knowsLeader && !messages.some(({ subject }) => subject.endsWith('$fence'))) {
          book.wrote(service, writer.term, stream)
        }
      },
    }),
    reader: (reader) => createReaderCheck(book, reader),
  }
}

type Book = ReturnType<typeof createBook>

function createBook(install: string, ordered: boolean) {
  const place = { install, source: 'local' }
  const spaces = committedChannels.map((channel) => ({ channel, subjects: createSubjectSpace(place, channel) }))
  const described = new Map<string, Described[]>()
  const latestTerm = new Map<string, number>()
  const book = {
    spaces,
    ordered,
    knowsLeader: ordered,
    broken: undefined as string | undefined,
    disturbances: 0,
    excusedUntilMs: 0,
    interrupt(): void {
      book.excusedUntilMs = performance.now() + graceMs
    },
    breach(sentence: string): void {
      book.broken ??= sentence
    },
    /** All that was sent under this id: a refused commit and the one that was stored may share it. */
    describedBy({ name }: CommittedChannel<Value>, { id }: Commit): Described[] {
      const all = described.get(`${name}/${id}`) ?? []
      described.set(`${name}/${id}`, all)
      return all
    },
    /** Once a leader wrote a commit, nothing of an earlier one is stored any more, on any channel of the service. */
    wrote(service: string, term: number, stream: string): void {
      const before = latestTerm.get(service) ?? 0
      if (term < before) book.breach(`${stream}: a leader wrote after its successor had`)
      latestTerm.set(service, Math.max(term, before))
    },
  }
  return book
}

function checkSent(book: Book, writer: Writer, stream: string, messages: readonly OutMessage[]): void {
  const { channel, subjects } = book.spaces.find((space) => space.subjects.stream === stream) ?? {}
  if (channel === undefined || subjects === undefined || isFence(messages, subjects)) return
  const picture = writer.handedOver(channel.name)
  if (picture === undefined) return book.breach(`${channel.name}: written while unknown`)
  for (const message of messages) checkMessage(message, { channel, subjects, picture, breach: book.breach })
  const commit = commitIn(messages, subjects)
  if (commit === undefined) return book.breach(`${channel.name}: written without a commit record`)
  const held = new Set([...picture.held, ...commit.held])
  book.describedBy(channel, commit).push({ texts: picture.texts, held, whole: commit.whole })
}

function createReaderCheck(book: Book, { name, channel, texts, process }: WatchedReader) {
  const subjects = book.spaces.find((space) => space.channel === channel)?.subjects
  if (subjects === undefined) throw new Error(`no channel ${channel.name}`)
  const tell = (sentence: string): void => book.breach(`${name}, ${channel.name}: ${sentence}`)
  let last: { change: CommittedChange<Value>; disturbances: number; atMs: number } | undefined
  return (change: CommittedChange<Value>): void => {
    const { commit, reset } = change
    const { disturbances, excusedUntilMs } = book
    if (!book.describedBy(channel, commit).some(({ texts: all, held, whole }) => whole && agree(texts, all, held))) {
      tell(`told ${show(texts)}, which no whole commit with the id ${commit.id} describes`)
    }
    if (!digestAgrees(texts, commit, { channel, subjects })) tell('told what does not agree with its digest')
    if (last !== undefined) {
      checkOrder(last.change, change, { tell, disturbed: last.disturbances !== disturbances })
      const excused = !book.ordered || !process.alert || last.atMs <= excusedUntilMs
      if (reset && !excused) tell('read everything again for nothing')
    }
    last = { change, disturbances, atMs: performance.now() }
  }
}

/** What an interruption brings about is over by then: what was on its way is told, and a digest that differs is seen. */
const graceMs = 1_500

const isFence = (messages: readonly OutMessage[], subjects: SubjectSpace): boolean =>
  messages.length === 1 && messages[0]?.subject === subjects.fence

function commitIn(messages: readonly OutMessage[], subjects: SubjectSpace): Commit | undefined {
  const last = messages.at(-1)
  if (last?.subject === subjects.commit) return Commit.decode(last.data)
  const inline = last?.headers?.[headerNames.commit]
  return inline === undefined ? undefined : Commit.decode(Buffer.from(inline, 'base64'))
}

interface Sent {
  readonly channel: CommittedChannel<Value>
  readonly subjects: SubjectSpace
  readonly picture: Picture
  breach(sentence: string): void
}

/** A writer writes what it handed over, removes what it did not, and touches nothing that is held. */
function checkMessage(message: OutMessage, { channel, subjects, picture, breach }: Sent): void {
  const key = subjects.keyOf(message.subject)
  if (key === undefined) return
  const wanted = picture.texts.get(key)
  if (picture.held.has(key)) breach(`${channel.name}: ${key} is held, and was written`)
  else if (message.headers?.[headerNames.operation] === undefined) {
    const { text } = channel.codec.decode(message.data, key)
    if (text !== wanted) breach(`${channel.name}: ${key} written as ${text}, and not as ${wanted}`)
  } else if (wanted !== undefined) breach(`${channel.name}: ${key} removed, and not written as ${wanted}`)
}

/** Equal but for the held keys. */
export function agree(some: Texts, others: Texts, held: ReadonlySet<string>): boolean {
  const inAll = new Set([...some.keys(), ...others.keys()])
  return [...inAll].every((key) => held.has(key) || some.get(key) === others.get(key))
}

export const show = (texts: Texts): string => JSON.stringify(Object.fromEntries([...texts].sort()))

function digestAgrees(
  texts: Texts,
  commit: Commit,
  { channel, subjects }: Pick<Sent, 'channel' | 'subjects'>,
): boolean {
  const contents = createContents()
  for (const [key, text] of texts) {
    contents.set(subjects.of(key), digestTerm(subjects.of(key), channel.codec.encode({ text })))
  }
  return contents.matches(commit)
}

/** In one stream ids never go back; nor, unless the store itself did, what commits were made from. */
function checkOrder(
  before: CommittedChange<Value>,
  after: CommittedChange<Value>,
  { tell, disturbed }: { tell(sentence: string): void; disturbed: boolean },
): void {
  if (before.streamCreatedMs !== after.streamCreatedMs) return
  if (after.commit.id < before.commit.id) tell(`went back from commit ${before.commit.id} to ${after.commit.id}`)
  if (disturbed) return
  for (const [index, { streamCreatedMs, id }] of before.commit.inputs.entries()) {
    const input = after.commit.inputs[index]
    const isOlder = input?.streamCreatedMs === streamCreatedMs && input.id < id
    if (isOlder) tell(`commit ${after.commit.id} was made from an older input than ${before.commit.id}`)
  }
}
