// What a publisher was told and has not written yet, and who waits for it.
import type { Fault } from '@penstock/fault'

/** What one round has to look at. */
export interface Announced {
  readonly keys: ReadonlySet<string> | 'all'
  readonly oldestChangeMs: number
  /** Counts announcements: those up to it are covered by the round. */
  readonly upTo: number
}

export interface Announcements {
  /** Something was announced and not taken. */
  readonly pending: boolean
  add(keys: Iterable<string> | 'all', oldestChangeMs: number): void
  /** Hands out what is pending; it must come back by `cover` or `restore`. */
  take(): Announced
  restore(taken: Announced): void
  cover(taken: Announced, commit: number): void
  /** Resolves once all that was announced is covered. */
  settled(lastCommit: number | undefined): Promise<number>
  close(fault: Fault): void
}

interface Waiter {
  readonly upTo: number
  readonly resolve: (commit: number) => void
  readonly reject: (fault: Fault) => void
}

const oldest = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b))

export function createAnnouncements(): Announcements {
  let keys = new Set<string>()
  let all = false
  let oldestChangeMs = 0
  let announced = 0
  let covered = 0
  let waiters: Waiter[] = []
  const merge = (more: Iterable<string> | 'all', moreOldestMs: number): void => {
    oldestChangeMs = oldest(oldestChangeMs, moreOldestMs)
    if (more === 'all') all = true
    else if (!all) for (const key of more) keys.add(key)
  }
  return {
    get pending() {
      return announced > covered
    },
    add(more, moreOldestMs) {
      announced += 1
      merge(more, moreOldestMs)
    },
    take() {
      const taken: Announced = { keys: all ? 'all' : keys, oldestChangeMs, upTo: announced }
      keys = new Set()
      all = false
      oldestChangeMs = 0
      return taken
    },
    restore: (taken) => merge(taken.keys, taken.oldestChangeMs),
    cover(taken, commit) {
      covered = taken.upTo
      const done = waiters.filter((waiter) => waiter.upTo <= covered)
      if (done.length === 0) return
      waiters = waiters.filter((waiter) => waiter.upTo > covered)
      for (const waiter of done) waiter.resolve(commit)
    },
    settled(lastCommit) {
      if (announced <= covered && lastCommit !== undefined) return Promise.resolve(lastCommit)
      return new Promise((resolve, reject) => waiters.push({ upTo: announced, resolve, reject }))
    },
    close(fault) {
      for (const waiter of waiters) waiter.reject(fault)
      waiters = []
    },
  }
}
