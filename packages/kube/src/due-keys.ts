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
  /** Once, in so many milliseconds, or sooner if that was asked for too. */
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

export function createDueKeys(options: DueKeysOptions): DueKeys {
  return new PacedKeys(options)
}

class PacedKeys implements DueKeys {
  readonly #options: DueKeysOptions
  readonly #ready = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  /** Added while they were worked on. */
  readonly #again = new Set<string>()
  readonly #later = new Map<string, { readonly timer: NodeJS.Timeout; readonly atMs: number }>()
  readonly #paces = new Map<string, Pace>()
  #sweepAtMs = 0
  #open = false
  #closed = false

  constructor(options: DueKeysOptions) {
    this.#options = options
  }

  add(keys: Iterable<string>): void {
    for (const key of keys) this.#add(key)
    this.#pump()
  }

  addLater(key: string, delayMs: number): void {
    const atMs = performance.now() + delayMs
    const planned = this.#later.get(key)
    if (this.#closed || this.#ready.has(key) || (planned && planned.atMs <= atMs)) return
    clearTimeout(planned?.timer)
    const timer = setTimeout(() => {
      this.#later.delete(key)
      this.#ready.add(key)
      this.#pump()
    }, delayMs)
    this.#later.set(key, { timer, atMs })
  }

  has(key: string): boolean {
    return this.#ready.has(key) || this.#running.has(key) || this.#later.has(key)
  }

  open(): void {
    this.#open = true
    this.#pump()
  }

  shut(): void {
    this.#open = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const { timer } of this.#later.values()) clearTimeout(timer)
    await Promise.all(this.#running.values())
  }

  #add(key: string): void {
    if (this.#running.has(key)) {
      this.#again.add(key)
      return
    }
    const pace = this.#paces.get(key)
    const waitMs = pace ? pace.lastMs + pace.gapMs - performance.now() : 0
    if (waitMs > 0) {
      this.addLater(key, waitMs)
      return
    }
    clearTimeout(this.#later.get(key)?.timer)
    this.#later.delete(key)
    this.#ready.add(key)
  }

  #pump(): void {
    if (!this.#open || this.#closed) return
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.atOnce) return
      this.#ready.delete(key)
      this.#running.set(key, this.#run(key))
    }
    if (this.#running.size === 0) this.#options.onIdle?.()
  }

  async #run(key: string): Promise<void> {
    // Events of the process get their turn between any two.
    await nextTurn()
    const wrote = await this.#options.work(key)
    this.#running.delete(key)
    if (wrote) this.#slowDown(key)
    if (this.#again.delete(key)) this.#add(key)
    this.#pump()
  }

  #slowDown(key: string): void {
    const { first, longest } = this.#options.paceMs
    const nowMs = performance.now()
    const { lastMs = 0, gapMs = 0 } = this.#paces.get(key) ?? {}
    const isCalm = nowMs - lastMs > calmAfter * gapMs
    this.#paces.set(key, { lastMs: nowMs, gapMs: isCalm ? first : Math.min(gapMs * 2, longest) })
    if (nowMs < this.#sweepAtMs) return
    this.#sweepAtMs = nowMs + calmAfter * longest
    for (const [each, pace] of this.#paces) if (nowMs - pace.lastMs > calmAfter * pace.gapMs) this.#paces.delete(each)
  }
}
