// Leases in a NATS KV bucket: its keys expire by the bucket's time to live, and create and update are atomic.
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { nanos } from '@nats-io/transport-node'
import { Fault } from '@penstock/fault'
import { natsStreamInfo } from './nats-stream-info.ts'
import type { NatsTransportContext } from './nats-transport.ts'
import type { LeaseStore } from './transport.ts'

export function createNatsLeases(context: NatsTransportContext, bucket: string): LeaseStore {
  const { connection, settings } = context
  let opened: Promise<KV> | undefined
  const forget = (): void => {
    opened = undefined
  }
  // A new connection may be one to an emptied server.
  connection.onConnected(forget)
  const ask = <T>(question: (kv: KV) => Promise<T>): Promise<T> =>
    connection
      .ask(async () => {
        opened ??= openBucket(context, bucket)
        return question(await opened)
      })
      .catch((thrown: unknown) => {
        forget()
        throw thrown
      })
  return {
    create: (key, value) => ask((kv) => unlessRefused(kv.create(key, value))),
    update: (key, value, revision) =>
      ask((kv) => unlessRefused(kv.update(key, value, revision, settings.requestTimeoutMs))),
    get: (key) =>
      ask(async (kv) => {
        const entry = await kv.get(key)
        return entry?.operation === 'PUT' ? { value: entry.string(), revision: entry.revision } : undefined
      }),
    delete: (key, revision) =>
      ask(async (kv) => {
        await unlessRefused(kv.delete(key, { previousSeq: revision }))
      }),
  }
}

/** Undefined when the key was there, or had another revision. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (thrown) {
    const refusals: readonly number[] = [
      JetStreamApiCodes.StreamWrongLastSequence,
      JetStreamApiCodes.StreamWrongLastSequenceUnknown,
    ]
    if (thrown instanceof JetStreamApiError && refusals.includes(thrown.code)) return undefined
    throw thrown
  }
}

async function openBucket(context: NatsTransportContext, bucket: string): Promise<KV> {
  const { jetStream, manager, settings, copies } = context
  const stream = `KV_${bucket}`
  if (!context.createsLeases && (await natsStreamInfo(context, stream)) === undefined) {
    throw new Fault('stream_missing', `the bucket ${bucket} is not there yet`)
  }
  const options = { ttl: settings.leaseTtlMs, history: 1, allow_direct: false }
  const kv = await copies.create(stream, (replicas) => new Kvm(jetStream).create(bucket, { ...options, replicas }))
  const { streamInfo } = await kv.status()
  if (context.keepsLeases) copies.keep(stream)
  const maxAge = nanos(settings.leaseTtlMs)
  // An existing bucket is taken as it is.
  if (streamInfo.config.max_age !== maxAge) {
    await manager.streams.update(streamInfo.config.name, { max_age: maxAge, duplicate_window: maxAge })
  }
  return kv
}
