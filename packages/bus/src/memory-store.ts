// What all clients of one broker in memory see, and what can happen to it.
import { createMemoryStream, type MemoryStream } from './memory-stream.ts'

interface HeldLease {
  readonly value: string
  readonly revision: number
  readonly expiry: NodeJS.Timeout
}

interface MemoryLeases {
  lease(key: string): HeldLease | undefined
  /** Answers the new revision. */
  setLease(key: string, value: string, ttlMs: number): number
  deleteLease(key: string): void
}

export interface MemoryStore extends MemoryLeases {
  readonly up: boolean
  stream(name: string): MemoryStream | undefined
  createStream(name: string): void
  /** Called when clients are connected or cut off, and when a stream appears or goes. */
  onChange(listener: () => void): () => void
  setUp(up: boolean): void
  deleteStream(name: string): void
  wipe(): void
  /** The answer brings every stream back to what it is now, while the broker is down. Leases are gone by then. */
  backup(): () => void
}

export function createMemoryStore(nowMs: () => number): MemoryStore {
  const streams = new Map<string, MemoryStream>()
  const { deleteAll: deleteLeases, ...leases } = createMemoryLeases()
  const listeners = new Set<() => void>()
  let up = true
  let lastCreatedMs = 0
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const wipe = (): void => {
    for (const stream of streams.values()) stream.close()
    streams.clear()
    deleteLeases()
  }
  return {
    ...leases,
    get up() {
      return up
    },
    stream: (name) => streams.get(name),
    createStream(name) {
      if (streams.has(name)) return
      // No two streams are created at the same time: that is how a reader tells them apart.
      lastCreatedMs = Math.max(lastCreatedMs + 1, nowMs())
      streams.set(name, createMemoryStream(lastCreatedMs))
      tell()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setUp(next) {
      up = next
      tell()
    },
    deleteStream(name) {
      streams.get(name)?.close()
      streams.delete(name)
      tell()
    },
    wipe,
    backup() {
      const copies = [...streams].map(([name, stream]) => [name, stream.copy()] as const)
      return () => {
        wipe()
        for (const [name, stream] of copies) streams.set(name, stream.copy())
      }
    },
  }
}

function createMemoryLeases(): MemoryLeases & { deleteAll(): void } {
  const leases = new Map<string, HeldLease>()
  let revision = 0
  const deleteLease = (key: string): void => {
    clearTimeout(leases.get(key)?.expiry)
    leases.delete(key)
  }
  return {
    lease: (key) => leases.get(key),
    setLease(key, value, ttlMs) {
      deleteLease(key)
      revision += 1
      leases.set(key, { value, revision, expiry: setTimeout(() => leases.delete(key), ttlMs) })
      return revision
    },
    deleteLease,
    deleteAll() {
      for (const key of [...leases.keys()]) deleteLease(key)
    },
  }
}
