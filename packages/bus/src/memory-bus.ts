// The bus without NATS: a broker in this process, for tests and for commands that need no services.
import { type Bus, type BusOptions, busPartsOf, createBus } from './bus.ts'
import { createMemoryStore } from './memory-store.ts'
import { createMemoryTransport } from './memory-transport.ts'
import type { StreamDefinition, StreamDoor, TailSink } from './stream-door.ts'
import type { Transport } from './transport.ts'
import { waitingTail } from './waiting-tail.ts'

export interface MemoryBroker extends Disposable {
  connect(options: BusOptions): Bus
  /** Every client loses its connection until `start`. */
  stop(): void
  start(): void
  /** All streams and leases are gone. */
  wipe(): void
  /** This client hears of nothing that is delivered, though it is connected, until the answer is called. */
  deafen(client: Bus): () => void
}

export function createMemoryBus(options: { nowMs?(): number } = {}): MemoryBroker {
  const store = createMemoryStore(options.nowMs ?? Date.now)
  const ears = new WeakMap<Bus, Ears>()
  return {
    connect(busOptions) {
      const parts = busPartsOf(busOptions)
      const own: Ears = { deaf: false, inboxes: new Set() }
      const bus = createBus(heard(createMemoryTransport(store, parts.settings), own), busOptions, parts)
      ears.set(bus, own)
      return bus
    },
    stop: () => store.setUp(false),
    start: () => store.setUp(true),
    wipe: () => store.wipe(),
    deafen(client) {
      const own = ears.get(client)
      if (own) own.deaf = true
      return () => {
        if (own) own.deaf = false
        for (const empty of own?.inboxes ?? []) empty()
      }
    },
    [Symbol.dispose]: () => store.wipe(),
  }
}

interface Ears {
  deaf: boolean
  readonly inboxes: Set<() => void>
}

function heard(transport: Transport, ears: Ears): Transport {
  const { stream } = transport
  const own = { inboxes: ears.inboxes, isDeaf: () => ears.deaf }
  return Object.assign(transport, {
    stream(definition: StreamDefinition): StreamDoor {
      const door = stream(definition)
      return { ...door, tail: (sink: TailSink) => waitingTail((through) => door.tail(through), sink, own) }
    },
  })
}
