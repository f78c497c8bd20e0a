// The processes of the model by what they do: watchers, which hand over the truth; translators, which hand over what they
// make of what they read; readers; announcers.

import type { CommitInput } from '@penstock/ir'
import type { Bus } from '../bus.ts'
import type { CommittedChannel } from '../channel.ts'
import type { Value } from '../contract/scene.ts'
import type { Publisher } from '../publisher.ts'
import type { Ledger, Writer } from './ledger.ts'
import type { Process, Witness } from './process.ts'
import {
  committedChannels,
  copies,
  copiesOf,
  fleeting,
  notes,
  type Picture,
  statedAs,
  sums,
  sumsOf,
  type Texts,
} from './scene.ts'

export type Launch = (service: string, witness?: Witness) => Promise<Process>

export interface Member {
  readonly process: Process
}

/** What a writing process said when it was last asked, for the ledger. */
function createAccount(): Writer & { term: number; publish: Publish } {
  const said = new Map<string, Picture | undefined>()
  return {
    term: 0,
    handedOver: (channel) => said.get(channel),
    publish(bus, channel, ask) {
      const state = (): ReturnType<typeof statedAs> | undefined => {
        const asked = ask()
        said.set(channel.name, asked?.picture)
        return asked && statedAs(asked.picture, asked.inputs)
      }
      return bus.publish(channel, { state })
    },
  }
}

type Publish = (
  bus: Bus,
  channel: CommittedChannel<Value>,
  ask: () => { readonly picture: Picture; readonly inputs: readonly CommitInput[] } | undefined,
) => Publisher

interface Parts {
  readonly ledger: Ledger
  readonly launch: Launch
}

async function launchWriter(service: string, { ledger, launch }: Parts) {
  const account = createAccount()
  const process = await launch(service, ledger.witness(service, account))
  process.bus.lead({
    onLead: (term) => {
      account.term = term
    },
  })
  return { process, publish: account.publish }
}

/** Some keys with their new texts, or without one: removed. */
export type Edits = readonly (readonly [key: string, text: string | undefined])[]

/** What Kubernetes holds. */
export interface Truth {
  readonly texts: Map<string, string>
  readonly held: Set<string>
}

export interface Watcher extends Member {
  /** Whether all that it watches has answered. */
  known: boolean
  /** The truth changed at these keys, which it sees as soon as it is not frozen. */
  see(changed: readonly string[]): void
  refresh(): void
}

export async function launchWatcher(truth: Truth, known: boolean, parts: Parts): Promise<Watcher> {
  const { process, publish } = await launchWriter('watcher', parts)
  let unseen: string[] = []
  let picture: Picture = { texts: new Map(truth.texts), held: new Set(truth.held) }
  const publisher = publish(process.bus, notes, () => (watcher.known ? { picture, inputs: [] } : undefined))
  const watcher: Watcher = {
    process,
    known,
    see(changed) {
      unseen.push(...changed)
      if (process.frozen) return
      picture = { texts: new Map(truth.texts), held: new Set(truth.held) }
      publisher.changed(unseen)
      unseen = []
    },
    refresh: () => publisher.refresh(),
  }
  publisher.refresh()
  return watcher
}

export interface Reading {
  readonly channel: CommittedChannel<Value>
  readonly texts: Texts
  readonly synced: boolean
}

/** Follows a channel under the eyes of the ledger. */
function read(
  process: Process,
  channel: CommittedChannel<Value>,
  { ledger, name }: { ledger: Ledger; name: string },
  onRead: (texts: Texts, input: CommitInput) => void = () => {},
): Reading {
  const texts = new Map<string, string>()
  const check = ledger.reader({ name, channel, texts, process })
  const follower = process.bus.follow(channel, {
    onCommit(change) {
      for (const { key, value } of change.changes) {
        if (value === undefined) texts.delete(key)
        else texts.set(key, value.text)
      }
      check(change)
      onRead(texts, { channel: channel.name, id: change.commit.id, streamCreatedMs: change.streamCreatedMs })
    },
  })
  return {
    channel,
    texts,
    get synced() {
      return follower.synced
    },
  }
}

export interface Translator extends Member {
  readonly readings: readonly Reading[]
}

export async function launchTranslator(name: string, parts: Parts): Promise<Translator> {
  const { process, publish } = await launchWriter('translator', parts)
  const { ledger } = parts
  let made: { texts: Texts; inputs: readonly CommitInput[] } | undefined
  const outputs = (
    [
      [copies, copiesOf],
      [sums, sumsOf],
    ] as const
  ).map(([channel, pictureOf]) =>
    publish(process.bus, channel, () => made && { picture: pictureOf(made.texts), inputs: made.inputs }),
  )
  const reading = read(process, notes, { ledger, name }, (texts, input) => {
    made = { texts: new Map(texts), inputs: [input] }
    for (const output of outputs) output.refresh()
  })
  return { process, readings: [reading] }
}

export interface Reader extends Member {
  readonly readings: readonly Reading[]
  /** What is announced on the channel with many writers. */
  readonly announced: Texts
}

export async function launchReader(name: string, { ledger, launch }: Parts): Promise<Reader> {
  const process = await launch('reader')
  const announced = new Map<string, string>()
  process.bus.listen(fleeting, {
    onChange(changes) {
      for (const { key, value } of changes) {
        if (value === undefined) announced.delete(key)
        else announced.set(key, value.text)
      }
    },
  })
  return { process, readings: committedChannels.map((channel) => read(process, channel, { ledger, name })), announced }
}

export interface Announcing extends Member {
  readonly texts: Texts
  set(part: string, text: string | undefined): void
}

export async function launchAnnouncer(name: string, launch: Launch): Promise<Announcing> {
  const process = await launch('announcer')
  const texts = new Map<string, string>()
  const announcer = process.bus.announce(fleeting)
  return {
    process,
    texts,
    set(part, text) {
      const key = `${name}/${part}`
      if (text === undefined) {
        texts.delete(key)
        announcer.delete(key)
      } else {
        texts.set(key, text)
        announcer.put(key, { text })
      }
    },
  }
}
