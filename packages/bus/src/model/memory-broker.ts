// The broker in memory, with a line for each process.
import { busPartsOf } from '../bus.ts'
import { createMemoryStore, type MemoryStore } from '../memory-store.ts'
import { createMemoryTransport } from '../memory-transport.ts'
import type { Line, ModelBroker } from './broker.ts'

export function startMemoryBroker(): ModelBroker {
  const store = createMemoryStore(() => Date.now())
  let restore = (): void => {}
  return {
    get up() {
      return store.up
    },
    async connect(options) {
      return lineTo(store, (through) => createMemoryTransport(through, busPartsOf(options).settings))
    },
    stop: async () => store.setUp(false),
    start: async () => store.setUp(true),
    wipe: async () => store.wipe(),
    async backup() {
      restore = store.backup()
    },
    restore: async () => restore(),
    deleteStream: async (name) => store.deleteStream(name),
    async [Symbol.asyncDispose]() {
      store.wipe()
    },
  }
}

function lineTo(store: MemoryStore, transportOver: (through: MemoryStore) => Line['transport']): Line {
  const listeners = new Set<() => void>()
  let joined = true
  const set = (next: boolean): void => {
    joined = next
    for (const listener of [...listeners]) listener()
  }
  const through: MemoryStore = {
    ...store,
    get up() {
      return joined && store.up
    },
    onChange(listener) {
      listeners.add(listener)
      const leave = store.onChange(listener)
      return () => {
        listeners.delete(listener)
        leave()
      }
    },
  }
  return { transport: transportOver(through), cut: () => set(false), join: () => set(true) }
}
