// A folder of manifests as a stream of changes. A file renamed into place is read at once, one written in place after a
// short quiet time; a file, or what was in it, is gone only after a longer one. A folder that cannot be read is unknown,
// not empty: everything that was in it stays as it was.
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Fault } from '@penstock/fault'
import { createDirectoryWatches, type DirectoryWatches } from './directory-watches.ts'
import { type FolderScan, isManifestName, scanFolder } from './folder-scan.ts'
import { createPendingFiles, type FolderChange, type PendingFiles, type PendingSettings } from './pending-files.ts'
import { type FileLook, readFile } from './read-file.ts'

export interface FolderSettings extends PendingSettings {
  /** The safety net under the events. */
  rescanMs: number
  maxFileBytes: number
}

export interface FolderEvents {
  onChange(change: FolderChange): void
  /** Everything that is in the folder has been told; again after it was away. */
  onSeen(): void
  /** The folder, or a part of it, cannot be read. */
  onFault(fault: Fault): void
  onRecovery(): void
  /** Changes in there are found by looking only. */
  onBlind(path: string, error: Error): void
}

export class Folder implements AsyncDisposable {
  readonly #root: string
  readonly #settings: FolderSettings
  readonly #events: FolderEvents
  readonly #watches: DirectoryWatches
  readonly #pending: PendingFiles
  /** Every file that was told of, as it was told, until its absence has settled. */
  readonly #files = new Map<string, FileLook>()
  /** Files that would have settled while the folder was away. */
  readonly #postponed = new Set<string>()
  #directories: ReadonlyMap<string, string> = new Map()
  #identity: string | undefined
  #seen = false
  #fault: Fault | undefined
  #scanning: Promise<void> | undefined
  #scanAgain = false
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(root: string, settings: FolderSettings, events: FolderEvents) {
    this.#root = root
    this.#settings = settings
    this.#events = events
    this.#pending = createPendingFiles({
      ...settings,
      look: (file) => readFile(join(root, file), settings.maxFileBytes),
      onDue: (change) => this.#tell(change),
    })
    this.#watches = createDirectoryWatches({
      root,
      onEvent: ({ path, name, written }) => this.#onEvent(path, name, written),
      onFolder: () => void this.scan(),
      onFailure: (path, error) => events.onBlind(join(root, path), error),
    })
  }

  /** Why the folder, or a part of it, is unknown at the moment. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  /** Whether the folder is there and everything in it was told. */
  get seen(): boolean {
    return this.#seen
  }

  /** Looks at everything afresh. What changed has been told when the promise resolves, but for what is being written. */
  scan(): Promise<void> {
    if (this.#scanning) this.#scanAgain = true
    else this.#scanning = this.#scanUntilCurrent().finally(() => (this.#scanning = undefined))
    return this.#scanning
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#watches[Symbol.dispose]()
    this.#pending[Symbol.dispose]()
    await this.#scanning
    clearTimeout(this.#timer)
  }

  async #scanUntilCurrent(): Promise<void> {
    let waitMs = 0
    do {
      this.#scanAgain = false
      waitMs = await this.#scanOnce()
    } while (this.#scanAgain && !this.#closed)
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(() => void this.scan(), waitMs)
  }

  // Returns after how long to look again.
  async #scanOnce(): Promise<number> {
    const { rescanMs, removeQuietMs } = this.#settings
    const scan = await this.#scanWhole()
    if (this.#closed || !scan) return rescanMs
    this.#directories = scan.directories
    // Something may have happened between the look and the watch.
    if (this.#watches.update(scan.directories)) this.#scanAgain = true
    if (this.#scanAgain) return rescanMs
    // A folder that is only now being filled is not all there.
    const youngMs = scan.changedAtMs + removeQuietMs - Date.now()
    if (!this.#seen && youngMs > 0) return Math.ceil(youngMs)

    this.#compare(scan)
    await this.#pending.idle()
    if (this.#closed) return rescanMs
    this.#identity = scan.directories.get('')
    const [unknown] = scan.unknown
    if (unknown) this.#fail(new Fault('folder_unreadable', `${unknown.path}: ${unknown.reason}`))
    else this.#recover()
    if (!this.#seen) this.#see()
    return rescanMs
  }

  async #scanWhole(): Promise<FolderScan | undefined> {
    try {
      const scan = await scanFolder(this.#root)
      const replaced = this.#identity !== undefined && this.#identity !== scan.directories.get('')
      if (!replaced || scan.files.size > 0) return scan
      throw new Fault('folder_unreadable', `another folder without any manifest stands in place of ${this.#root}`)
    } catch (thrown) {
      this.#seen = false
      this.#directories = new Map()
      if (this.#closed) return undefined
      this.#watches.update(this.#directories)
      this.#fail(Fault.from(thrown, 'folder_unreadable'))
      return undefined
    }
  }

  #see(): void {
    this.#seen = true
    for (const file of this.#postponed) this.#pending.add(file, false)
    this.#postponed.clear()
    this.#events.onSeen()
  }

  #compare(scan: FolderScan): void {
    for (const [file, stamp] of scan.files) {
      const known = this.#files.get(file)
      if (!known || known.state === 'vanished' || known.stamp !== stamp) this.#pending.add(file, false)
    }
    for (const file of this.#files.keys()) {
      const hidden = scan.unknown.some(({ path }) => file.startsWith(`${path}/`))
      if (!scan.files.has(file) && !hidden) this.#pending.add(file, false)
    }
  }

  #onEvent(path: string, name: string | undefined, written: boolean): void {
    if (name === undefined || name === '..data') {
      void this.scan()
      return
    }
    if (name.startsWith('.')) return
    const file = join(path, name)
    if (!written && this.#concernsDirectory(path, file)) void this.scan()
    else if (isManifestName(name)) this.#pending.add(file, written)
  }

  // A directory that goes away tells so under its own name.
  #concernsDirectory(path: string, file: string): boolean {
    if (this.#directories.has(file) || basename(path) === basename(file)) return true
    return statSync(join(this.#root, file), { throwIfNoEntry: false })?.isDirectory() === true
  }

  #tell(change: FolderChange): void {
    const looks = new Map(change.looks)
    for (const [file, look] of change.looks) {
      const before = this.#files.get(file)
      if (before || look.state !== 'vanished') this.#files.set(file, look)
      if (sameContent(before, look)) looks.delete(file)
    }
    const settled = this.#seen ? change.settled : []
    for (const file of change.settled) {
      if (!this.#seen) this.#postponed.add(file)
      else if (this.#files.get(file)?.state === 'vanished') this.#files.delete(file)
    }
    if (looks.size > 0 || settled.length > 0) this.#events.onChange({ ...change, looks, settled })
  }

  #fail(fault: Fault): void {
    const known = this.#fault?.message === fault.message
    this.#fault = fault
    if (!known) this.#events.onFault(fault)
  }

  #recover(): void {
    if (!this.#fault) return
    this.#fault = undefined
    this.#events.onRecovery()
  }
}

function sameContent(before: FileLook | undefined, now: FileLook): boolean {
  if (now.state === 'vanished') return !before || before.state === 'vanished'
  if (now.state === 'unreadable') return before?.state === 'unreadable' && before.reason === now.reason
  return before?.state === 'read' && before.text === now.text
}
