// The channels of the model: `notes` is written from the truth, `copies` and `sums` from what was read of `notes`, as the
// translator does; `fleeting` has many writers. Few keys and short texts, so that they collide and go back.
import type { CommittedChannel } from '../channel.ts'
import { fleeting } from '../contract/many-writers.ts'
import { notes, type Value } from '../contract/scene.ts'
import type { PublishedState } from '../difference.ts'
import type { BusSettings } from '../settings.ts'

export type Texts = ReadonlyMap<string, string>

export { fleeting, notes }
export const copies: CommittedChannel<Value> = { ...notes, name: 'copies' }
export const sums: CommittedChannel<Value> = { ...notes, name: 'sums' }
export const committedChannels = [notes, copies, sums] as const

export const objects = ['a', 'b', 'c', 'd']
export const keys: readonly string[] = objects.flatMap((object) => [1, 2, 3].map((part) => `${object}/${part}`))
/** Changes each time that all is healed: no channel is left that nobody writes to. */
export const pulse = 'pulse/1'

/** How far a clock jumps, there or back. */
export const jumpMs = 500

/** A text that the translator cannot translate: it keeps what it made of the record before. */
export const riddle = '?'
/** A text that no record can hold. */
export const tooLong = 'x'.repeat(300)

/** Short times, and commits of four records at most. */
export const modelSettings: Partial<BusSettings> = {
  heartbeatMs: 300,
  cureMs: 100,
  maxCureMs: 400,
  leaseTtlMs: 1_200,
  leaseDeadlineMs: 900,
  leaseRenewMs: 200,
  leaseRetryMs: 100,
  // What is wrong must heal without it.
  resyncMs: 600_000,
  readTimeoutMs: 1_500,
  requestTimeoutMs: 1_000,
  connectTimeoutMs: 1_000,
  reconnectWaitMs: 30,
  tombstoneMs: 1_000,
  maxRecordBytes: 200,
  maxCommitMessages: 5,
}

/** Believes in its lease whatever the broker says, until it is refused. */
export const deluded: Partial<BusSettings> = { leaseRenewMs: 4_000, leaseDeadlineMs: 60_000 }

/** What a channel should hold: the held keys keep what they have. */
export interface Picture {
  readonly texts: Texts
  readonly held: ReadonlySet<string>
}

export const statedAs = ({ texts, held }: Picture, inputs: PublishedState<Value>['inputs']): PublishedState<Value> => ({
  get: (key) => {
    const text = texts.get(key)
    return text === undefined ? undefined : { value: { text } }
  },
  keys: () => texts.keys(),
  held,
  inputs,
})

export function copiesOf(read: Texts): Picture {
  const texts = new Map([...read].map(([key, text]) => [key, `${text}'`]))
  return { texts, held: new Set([...read].flatMap(([key, text]) => (text === riddle ? [key] : []))) }
}

/** One record per object, made of several: a torn reading shows. */
export function sumsOf(read: Texts): Picture {
  const texts = new Map<string, string>()
  for (const object of [...objects, 'pulse']) {
    const parts = [...keys, pulse].filter((key) => key.startsWith(`${object}/`)).map((key) => read.get(key) ?? '-')
    if (parts.some((part) => part !== '-')) texts.set(`${object}/sum`, parts.join(','))
  }
  return { texts, held: new Set() }
}
