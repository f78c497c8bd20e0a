import { busPartsOf } from '../bus.ts'
import { createMemoryStore } from '../memory-store.ts'
import { createMemoryTransport } from '../memory-transport.ts'
import { through } from './memory-line.ts'
import type { Broker } from './rig.ts'

export async function startMemoryBroker(): Promise<Broker> {
  const store = createMemoryStore(Date.now)
  const whileDown = async (action: () => void): Promise<void> => {
    store.setUp(false)
    action()
    store.setUp(true)
  }
  return {
    transport: async (options, line) => createMemoryTransport(through(line, store), busPartsOf(options).settings),
    restart: () => whileDown(() => {}),
    wipe: () => whileDown(() => store.wipe()),
    async save() {
      const restore = store.backup()
      return () => whileDown(restore)
    },
    async freeze() {
      store.setUp(false)
      return () => store.setUp(true)
    },
    async [Symbol.asyncDispose]() {
      store.wipe()
    },
  }
}
