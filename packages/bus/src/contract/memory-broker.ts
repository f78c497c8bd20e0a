import { busPartsOf } from '../bus.ts'
import { createMemoryStore } from '../memory-store.ts'
import { createMemoryTransport } from '../memory-transport.ts'
import type { Broker } from './rig.ts'

export async function startMemoryBroker(): Promise<Broker> {
  const store = createMemoryStore(Date.now)
  return {
    transport: async (options) => createMemoryTransport(store, busPartsOf(options).settings),
    async restart() {
      store.setUp(false)
      store.setUp(true)
    },
    async wipe() {
      store.setUp(false)
      store.wipe()
      store.setUp(true)
    },
    async [Symbol.asyncDispose]() {
      store.wipe()
    },
  }
}
