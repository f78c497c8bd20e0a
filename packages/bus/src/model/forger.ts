// One that keeps no rules: it writes into streams what no writer handed over, creates them empty, and takes leases away.
import { Commit } from '@penstock/ir'
import { busPartsOf } from '../bus.ts'
import type { CommittedChannel } from '../channel.ts'
import type { Value } from '../contract/scene.ts'
import { headerNames } from '../message-headers.ts'
import type { OutMessage, StreamDoor } from '../stream-door.ts'
import { createSubjectSpace, type SubjectSpace } from '../subject-space.ts'
import type { ModelBroker } from './broker.ts'
import { modelSettings } from './scene.ts'

export interface Forger extends AsyncDisposable {
  write(channel: CommittedChannel<Value>, forgery: Forgery, key: string): Promise<void>
  streamOf(channel: CommittedChannel<Value>): string
  create(channel: CommittedChannel<Value>): Promise<void>
  /** As if it had expired, while its holder believes in it. */
  takeLease(service: string): Promise<void>
}

export async function createForger(broker: ModelBroker, install: string): Promise<Forger> {
  const place = { install, service: 'forger', source: 'local', settings: modelSettings }
  const { transport } = await broker.connect(place)
  const leases = transport.leases(`${install}_leases`)
  const open = (channel: CommittedChannel<Value>): { subjects: SubjectSpace; door: StreamDoor } => {
    const subjects = createSubjectSpace(place, channel)
    return { subjects, door: transport.stream({ name: subjects.stream, subjects: subjects.all }) }
  }
  const { clock } = busPartsOf(place)
  return {
    async write(channel, forgery, key) {
      const { subjects, door } = open(channel)
      await ignored(door.put(forgeries[forgery]({ subjects, key }, clock.nowMs() + 50)))
    },
    streamOf: (channel) => open(channel).subjects.stream,
    create: (channel) => ignored(open(channel).door.ensure()),
    takeLease: (service) =>
      ignored(
        (async () => {
          const lease = await leases.get(`${service}.local`)
          if (lease !== undefined) await leases.delete(`${service}.local`, lease.revision)
        })(),
      ),
    [Symbol.asyncDispose]: () => transport.close(),
  }
}

/** Nothing is forged while the broker is away. */
const ignored = (attempt: Promise<void>): Promise<void> => attempt.catch(() => {})

interface Target {
  readonly subjects: SubjectSpace
  readonly key: string
}

const data = Buffer.from('{"text":"forged"}')

const forgeries = {
  record: ({ subjects, key }) => ({ subject: subjects.of(key), data }),
  tombstone: ({ subjects, key }) => ({
    subject: subjects.of(key),
    data: new Uint8Array(0),
    headers: { [headerNames.operation]: 'delete' },
  }),
  'foreign subject': ({ subjects }) => ({ subject: subjects.all.replace('>', '$foreign'), data }),
  'commit record': ({ subjects }, id) => ({ subject: subjects.commit, data: commitRecord(id) }),
  'record with a commit record': ({ subjects, key }, id) => ({
    subject: subjects.of(key),
    data,
    headers: { [headerNames.commit]: Buffer.from(commitRecord(id)).toString('base64') },
  }),
  'broken commit record': ({ subjects }) => ({ subject: subjects.commit, data: Buffer.from([255, 255, 255, 255]) }),
  fence: ({ subjects }) => ({ subject: subjects.fence, data }),
} satisfies Record<string, (target: Target, id: number) => OutMessage>

export type Forgery = keyof typeof forgeries
export const forgeryNames = Object.keys(forgeries) as Forgery[]

/** It is newer than all, but its digest is nobody's. */
const commitRecord = (id: number): Uint8Array => {
  const whole = { id, schema: 1, whole: true, liveKeys: 3, digest: new Uint8Array(16) }
  return Commit.encode({ ...whole, inputs: [], held: [], oldestChangeMs: 0 }).finish()
}
