// One stream of last values on JetStream: its definition, which is read back since a server may drop what it does not
// know, and how messages are written to it.
import { JetStreamApiCodes, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { headers, type Msg, type MsgHdrs, nuid } from '@nats-io/transport-node'
import { Fault } from '@penstock/fault'
import type { Connection } from './nats-connection.ts'
import { infoOf, natsStreamInfo } from './nats-stream-info.ts'
import { createNatsTail } from './nats-tail.ts'
import type { NatsTransportContext } from './nats-transport.ts'
import type { BusSettings } from './settings.ts'
import type { OutMessage, StreamDefinition, StreamDoor } from './stream-door.ts'

type WantedConfig = Partial<StreamConfig> & { name: string; subjects: string[] }

/** All of it but the number of copies, which may wait. */
const wantedConfig = ({ name, subjects }: StreamDefinition): WantedConfig => ({
  name,
  subjects: [subjects],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_msgs_per_subject: 1,
  allow_direct: true,
  allow_atomic: true,
  allow_msg_ttl: true,
})

export function createNatsStream(context: NatsTransportContext, definition: StreamDefinition): StreamDoor {
  const { connection, manager, settings, copies } = context
  const create = async (wanted: WantedConfig): Promise<StreamConfig> => {
    const add = (num_replicas: number) => connection.ask(() => manager.streams.add({ ...wanted, num_replicas }))
    return (await copies.create(wanted.name, add)).config
  }
  return {
    async ensure() {
      const wanted = wantedConfig(definition)
      let config = (await natsStreamInfo(context, definition.name))?.config
      if (config === undefined) config = await create(wanted)
      else if (differing(wanted, config).length > 0) {
        config = (await connection.ask(() => manager.streams.update(wanted.name, wanted))).config
      }
      const fields = differing(wanted, config)
      if (fields.length > 0) {
        throw new Fault('bus_misconfigured', `stream ${wanted.name}: the server did not take ${fields.join(', ')}`)
      }
      copies.keep(wanted.name)
    },
    async info() {
      const found = await natsStreamInfo(context, definition.name)
      return found === undefined ? undefined : infoOf(found)
    },
    append: (messages, expected) => append(connection, settings, messages, expected),
    put: async (message) => void (await send(connection, settings, message, natsHeaders(message))),
    tail: (sink) => createNatsTail(context, definition, sink),
  }
}

function differing(wanted: WantedConfig, found: StreamConfig): string[] {
  const names = Object.keys(wanted) as (keyof StreamConfig)[]
  return names.filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(found[name]))
}

function natsHeaders(message: OutMessage): MsgHdrs {
  const all = headers()
  for (const [name, value] of Object.entries(message.headers ?? {})) all.set(name, value)
  // Whole seconds are what every server understands.
  if (message.ttlMs !== undefined) all.set('Nats-TTL', `${Math.max(1, Math.ceil(message.ttlMs / 1_000))}s`)
  return all
}

interface Ack {
  readonly seq?: number
  readonly count?: number
  readonly error?: { readonly err_code: number; readonly description: string }
}

async function send(
  connection: Connection,
  settings: BusSettings,
  { subject, data }: OutMessage,
  all: MsgHdrs,
): Promise<Ack> {
  const answer: Msg = await connection.ask(() =>
    connection.nats.request(subject, data, { headers: all, timeout: settings.requestTimeoutMs }),
  )
  const ack = answer.json<Ack>()
  if (ack.error !== undefined && !isWrongSequence(ack.error.err_code)) {
    throw new Fault('bus_refused', `${subject}: ${ack.error.description}`)
  }
  return ack
}

const isWrongSequence = (code: number): boolean =>
  code === JetStreamApiCodes.StreamWrongLastSequence || code === JetStreamApiCodes.StreamWrongLastSequenceUnknown

/**
 * All or nothing, fenced by the stream's last sequence. A lone message needs no batch, and the messages of a batch are
 * sent in one go: only the last asks for an answer, which tells of all.
 */
async function append(
  connection: Connection,
  settings: BusSettings,
  messages: readonly OutMessage[],
  expected: number,
): Promise<number | undefined> {
  const batch = messages.length > 1 ? nuid.next() : undefined
  const all = messages.map((message, index) => {
    const own = natsHeaders(message)
    if (index === 0) own.set('Nats-Expected-Last-Sequence', String(expected))
    if (batch !== undefined) {
      own.set('Nats-Batch-Id', batch)
      own.set('Nats-Batch-Sequence', String(index + 1))
      if (index === messages.length - 1) own.set('Nats-Batch-Commit', '1')
    }
    return { message, headers: own }
  })
  const last = all.pop()
  if (last === undefined) return expected
  await connection.ask(async () => {
    for (const { message, headers: own } of all)
      connection.nats.publish(message.subject, message.data, { headers: own })
  })
  const ack = await send(connection, settings, last.message, last.headers)
  if (ack.error !== undefined) return undefined
  if (ack.seq === undefined || (batch !== undefined && ack.count !== messages.length)) {
    throw new Fault('bus_refused', `${last.message.subject}: the server did not take the whole batch`)
  }
  return ack.seq
}
