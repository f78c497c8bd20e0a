// Which objects wait to be looked at: identities only, each in one place at a time. An object that changes again and
// again is looked at less and less often, so that a Gateway with a thousand new routes is not written a thousand times.
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface DueKeysOptions {
  /** Returns whether it wrote: only that is paced. */
  work(key: string): Promise<boolean>
  /** Objects that are worked on side by side. */
  readonly atOnce: number
  /** Between two looks at one object: the first wait, and the longest, as each wait is twice the one before. */
  readonly paceMs: { readonly first: number; readonly longest: number }
  /** Nothing is due or being worked on. */
  onIdle?(): void
}

export interface DueKeys extends AsyncDisposable {
  add(keys: Iterable<string>): void
  /** Once, in so many milliseconds. */
  addLater(key: string, delayMs: number): void
  /** Until then keys only gather. */
  open(): void
  /** Keys gather again; what is being worked on ends. */
  shut(): void
  /** Whether the key waits, for now or for later, or is being worked on. */
  has(key: string): boolean
}

interface Pace {
  readonly lastMs: number
  readonly gapMs: number
}

/** An object that nobody asked for during so many gaps is as any other again. */
const calmAfter = 4

export function createDueKeys({ work, atOnce, paceMs, onIdle }: DueKeysOptions): DueKeys {
  const ready = new Set<string>()
  const running = new Map<string, Promise<void>>()
  /** Added while they were worked on. */
  const again = new Set<string>()
  const later = new Map<string, NodeJS.Timeout>()
  const paces = new Map<string, Pace>()
  let sweepAtMs = 0
  let isOpen = false
  let closed = false

  function pump(): void {
    if (!isOpen || closed) return
    for (const key of ready) {
      if (running.size >= atOnce) return
      ready.delete(key)
      running.set(key, run(key))
    }
    if (running.size === 0) onIdle?.()
  }

  async function run(key: string): Promise<void> {
    // Events of the process get their turn between any two.
    await nextTurn()
    const wrote = await work(key)
    running.delete(key)
    if (wrote) slowDown(key)
    if (again.delete(key)) add(key)
    pump()
  }

  function slowDown(key: string): void {
    const nowMs = performance.now()
    const { lastMs = 0, gapMs = 0 } = paces.get(key) ?? {}
    const isCalm = nowMs - lastMs > calmAfter * gapMs
    paces.set(key, { lastMs: nowMs, gapMs: isCalm ? paceMs.first : Math.min(gapMs * 2, paceMs.longest) })
    if (nowMs < sweepAtMs) return
    sweepAtMs = nowMs + calmAfter * paceMs.longest
    for (const [each, pace] of paces) if (nowMs - pace.lastMs > calmAfter * pace.gapMs) paces.delete(each)
  }

  function add(key: string): void {
    if (running.has(key)) {
      again.add(key)
      return
    }
    const pace = paces.get(key)
    const waitMs = pace ? pace.lastMs + pace.gapMs - performance.now() : 0
    if (waitMs > 0) {
      addLater(key, waitMs)
      return
    }
    clearTimeout(later.get(key))
    later.delete(key)
    ready.add(key)
  }

  function addLater(key: string, delayMs: number): void {
    if (closed || ready.has(key) || later.has(key)) return
    const timer = setTimeout(() => {
      later.delete(key)
      ready.add(key)
      pump()
    }, delayMs)
    later.set(key, timer)
  }

  return {
    add(keys) {
      for (const key of keys) add(key)
      pump()
    },
    addLater,
    open() {
      isOpen = true
      pump()
    },
    shut() {
      isOpen = false
    },
    has: (key) => ready.has(key) || running.has(key) || later.has(key),
    async [Symbol.asyncDispose]() {
      closed = true
      for (const timer of later.values()) clearTimeout(timer)
      await Promise.all(running.values())
    },
  }
}
