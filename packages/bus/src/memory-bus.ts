// The bus without NATS: a broker in this process, for tests and for commands that need no services.
import { type Bus, type BusOptions, busPartsOf, createBus } from './bus.ts'
import { createMemoryStore } from './memory-store.ts'
import { createMemoryTransport } from './memory-transport.ts'

export interface MemoryBroker extends Disposable {
  connect(options: BusOptions): Bus
  /** Every client loses its connection until `start`. */
  stop(): void
  start(): void
  /** All streams and leases are gone. */
  wipe(): void
}

export function createMemoryBus(options: { nowMs?(): number } = {}): MemoryBroker {
  const store = createMemoryStore(options.nowMs ?? Date.now)
  return {
    connect(busOptions) {
      const parts = busPartsOf(busOptions)
      return createBus(createMemoryTransport(store, parts.settings), busOptions, parts)
    },
    stop: () => store.setUp(false),
    start: () => store.setUp(true),
    wipe: () => store.wipe(),
    [Symbol.dispose]: () => store.wipe(),
  }
}
