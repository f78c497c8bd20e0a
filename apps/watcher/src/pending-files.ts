// Files to which something happened: when each is to be read, and when it has been quiet for so long that it is meant as
// it stands. All that is due together is told together, so a burst of events is one change.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FileLook } from './read-file.ts'

export interface PendingSettings {
  quietMs: number
  removeQuietMs: number
}

/** Everything that was due at one moment. */
export interface FolderChange {
  looks: ReadonlyMap<string, FileLook>
  /** Files that nothing happened to for `removeQuietMs` since they were read, or were found gone. */
  settled: readonly string[]
  /** When the first of it was seen, ms since 1970. */
  changedAtMs: number
}

export interface PendingFilesOptions extends PendingSettings {
  look(file: string): FileLook
  onDue(change: FolderChange): void
}

export interface PendingFiles extends Disposable {
  /** `written`: in place, so perhaps half; otherwise it came, went or was replaced as a whole. */
  add(file: string, written: boolean): void
  /** Resolves once nothing waits to be read. */
  idle(): Promise<void>
}

interface Pending {
  seenAtMs: number
  /** By the monotonic clock. */
  eventMs: number
  written: boolean
  /** The look that was told, if it is still the newest. */
  told: FileLook | undefined
}

// Files written one after the other are read together, but the first does not wait longer than this.
const burstMs = 25

export function createPendingFiles(options: PendingFilesOptions): PendingFiles {
  const pending = new Map<string, Pending>()
  const waiting = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let running = false
  let closed = false

  function arm(): void {
    clearTimeout(timer)
    if (running || closed) return
    const dueMs = nextDueMs([...pending.values()], options)
    if (dueMs === undefined) return
    const waitMs = Math.ceil(dueMs - performance.now())
    if (waitMs > 0) timer = setTimeout(() => void run(), waitMs)
    else void run()
  }

  async function run(): Promise<void> {
    running = true
    // Events of one burst arrive in one turn of the loop.
    await nextTurn()
    const change = await gather(pending, options)
    running = false
    if (closed) return
    if (change) options.onDue(change)
    if (![...pending.values()].some(isUnread)) release(waiting)
    arm()
  }

  return {
    add(file, written) {
      const before = pending.get(file)
      const renewed = before && isUnread(before)
      pending.set(file, {
        seenAtMs: renewed ? before.seenAtMs : Date.now(),
        eventMs: performance.now(),
        written: written || (renewed === true && before.written),
        told: undefined,
      })
      arm()
    },
    idle() {
      if (closed || ![...pending.values()].some(isUnread)) return Promise.resolve()
      return new Promise((resolve) => waiting.add(resolve))
    },
    [Symbol.dispose]() {
      closed = true
      clearTimeout(timer)
      release(waiting)
    },
  }
}

const isUnread = (file: Pending): boolean => file.told === undefined

function release(waiting: Set<() => void>): void {
  for (const resolve of waiting) resolve()
  waiting.clear()
}

function nextDueMs(files: readonly Pending[], { quietMs, removeQuietMs }: PendingSettings): number | undefined {
  const due: number[] = []
  const unread = files.filter(isUnread)
  for (const file of files) {
    if (!isUnread(file)) due.push(file.eventMs + removeQuietMs)
    else if (!file.written) due.push(file.eventMs)
  }
  const written = unread.filter((file) => file.written).map((file) => file.eventMs)
  if (written.length > 0) due.push(Math.min(Math.max(...written), Math.min(...written) + burstMs) + quietMs)
  return due.length > 0 ? Math.min(...due) : undefined
}

async function gather(pending: Map<string, Pending>, options: PendingFilesOptions): Promise<FolderChange | undefined> {
  const nowMs = performance.now()
  const quietFor = (file: Pending): number => nowMs - file.eventMs
  const unread = [...pending].filter(([, f]) => isUnread(f) && (!f.written || quietFor(f) >= options.quietMs))
  const quiet = [...pending].filter(([, f]) => !isUnread(f) && quietFor(f) >= options.removeQuietMs)
  const found = [...unread, ...quiet].map(([file, before]) => ({ file, before, look: options.look(file) }))
  // The write of an unfinished file shows itself now, if not before.
  if (unread.some(([, f]) => !f.written)) await nextTurn()

  const looks = new Map<string, FileLook>()
  const settled: string[] = []
  for (const { file, before, look } of found) {
    if (pending.get(file) !== before) continue
    if (before.told && isSame(before.told, look)) {
      settled.push(file)
      pending.delete(file)
    } else {
      looks.set(file, look)
      pending.set(file, { ...before, eventMs: before.told ? nowMs : before.eventMs, told: look })
    }
  }
  if (looks.size === 0 && settled.length === 0) return undefined
  return { looks, settled, changedAtMs: Math.min(...found.map(({ before }) => before.seenAtMs)) }
}

const isSame = (a: FileLook, b: FileLook): boolean =>
  a.state === b.state && ('stamp' in a ? a.stamp : '') === ('stamp' in b ? b.stamp : '')
