// One client of a broker in memory.
import { Fault } from '@penstock/fault'
import type { MemoryStore } from './memory-store.ts'
import type { MemoryCursor, MemoryStream } from './memory-stream.ts'
import type { StreamDoor, Tail, TailSink } from './stream-door.ts'
import type { StreamInfo } from './stream-position.ts'
import { type LeaseStore, notConnected, type Transport } from './transport.ts'

/** Runs an action on the broker, a microtask later, as a network would; refused while the broker is away. */
type Online = <T>(action: () => T) => Promise<T>

const maxMessageBytes = 4 * 1024 * 1024

export function createMemoryTransport(store: MemoryStore, settings: { readonly leaseTtlMs: number }): Transport {
  const closed = Promise.withResolvers<undefined>()
  let open = true
  const online: Online = async (action) => {
    await Promise.resolve()
    if (!open || !store.up) throw notConnected()
    return action()
  }
  return {
    get connected() {
      return open && store.up
    },
    onConnected(listener) {
      let wasUp = store.up
      return store.onChange(() => {
        const connected = store.up && !wasUp
        wasUp = store.up
        if (connected) listener()
      })
    },
    maxMessageBytes,
    stream: ({ name }) => createDoor(store, name, online),
    leases: (bucket) => createLeases(store, bucket, { online, ttlMs: settings.leaseTtlMs }),
    ledWhile: () => {},
    closed: closed.promise,
    async close() {
      open = false
      closed.resolve(undefined)
    },
  }
}

function createDoor(store: MemoryStore, name: string, online: Online): StreamDoor {
  const existing = (): MemoryStream => {
    const stream = store.stream(name)
    if (stream === undefined) throw new Fault('bus_refused', `no stream ${name}`)
    return stream
  }
  return {
    ensure: () => online(() => store.createStream(name)),
    info: () => online(() => store.stream(name)?.info),
    append: (messages, expected) => online(() => existing().append(messages, expected)),
    put: async (message) => void (await online(() => existing().append([message], undefined))),
    tail: (sink) => createTail(store, name, sink),
  }
}

function createTail(store: MemoryStore, name: string, sink: TailSink): Tail {
  let position: StreamInfo | undefined
  let attached: { stream: MemoryStream; cursor: MemoryCursor } | undefined
  const detach = (): void => {
    attached?.cursor.close()
    attached = undefined
  }
  const noting: TailSink = {
    start(start) {
      if (start.fresh) position = { createdMs: start.createdMs, lastSequence: 0 }
      sink.start(start)
    },
    message(message) {
      position = { createdMs: position?.createdMs ?? 0, lastSequence: message.sequence }
      sink.message(message)
    },
    drained: () => sink.drained(),
  }
  const attach = (): void => {
    const stream = store.up ? store.stream(name) : undefined
    if (stream === attached?.stream) return
    detach()
    if (stream !== undefined) attached = { stream, cursor: stream.read(position, noting) }
  }
  const leave = store.onChange(attach)
  attach()
  return {
    restart() {
      position = undefined
      detach()
      attach()
    },
    async [Symbol.asyncDispose]() {
      leave()
      detach()
    },
  }
}

function createLeases(store: MemoryStore, bucket: string, context: { online: Online; ttlMs: number }): LeaseStore {
  const { online, ttlMs } = context
  const path = (key: string): string => `${bucket}/${key}`
  return {
    create: (key, value) =>
      online(() => (store.lease(path(key)) === undefined ? store.setLease(path(key), value, ttlMs) : undefined)),
    update: (key, value, revision) =>
      online(() =>
        store.lease(path(key))?.revision === revision ? store.setLease(path(key), value, ttlMs) : undefined,
      ),
    get: (key) => online(() => store.lease(path(key))),
    delete: (key, revision) =>
      online(() => {
        if (store.lease(path(key))?.revision === revision) store.deleteLease(path(key))
      }),
  }
}
