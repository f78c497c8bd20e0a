// inotify on every directory of a folder and on the one above it. One watch per directory, since the recursive watch of
// Node 24 loses a file below the top after it was replaced by a rename.
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

export interface DirectoryWatchesOptions {
  root: string
  /** Something happened to `name` in the directory `path`; an undefined name: somewhere in it. */
  onEvent(event: { path: string; name: string | undefined; written: boolean }): void
  /** The folder itself came, went, or is another now. */
  onFolder(): void
  onFailure(path: string, error: Error): void
}

export interface DirectoryWatches extends Disposable {
  /**
   * Watches exactly these, by path and identity: a directory that was replaced is watched anew. True if any
   * was not watched until now: what happened in it meanwhile was missed.
   */
  update(directories: ReadonlyMap<string, string>): boolean
}

export function createDirectoryWatches(options: DirectoryWatchesOptions): DirectoryWatches {
  const root = resolve(options.root)
  const watches = new Map<string, { identity: string; watcher: FSWatcher }>()
  let parent: FSWatcher | undefined

  const open = (path: string, directory: string, onEvent: (type: string, name: string | null) => void) => {
    try {
      return watch(directory, onEvent).on('error', (error) => options.onFailure(path, error))
    } catch (thrown) {
      options.onFailure(path, thrown as Error)
      return undefined
    }
  }
  const watchParent = (): void => {
    parent?.close()
    parent = open('..', dirname(root), (_, name) => {
      if (name === null || name === basename(root)) options.onFolder()
    })
  }

  return {
    update(directories) {
      for (const [path, { identity, watcher }] of watches) {
        if (directories.get(path) === identity) continue
        watcher.close()
        watches.delete(path)
        if (path === '') watchParent()
      }
      if (!parent) watchParent()
      let anew = false
      for (const [path, identity] of directories) {
        if (watches.has(path)) continue
        const watcher = open(path, join(root, path), (type, name) => {
          // A directory that goes away tells so under its own name.
          if (path === '' && name === basename(root)) options.onFolder()
          options.onEvent({ path, name: name ?? undefined, written: type === 'change' })
        })
        if (watcher) watches.set(path, { identity, watcher })
        anew ||= watcher !== undefined
      }
      return anew
    },
    [Symbol.dispose]() {
      parent?.close()
      for (const { watcher } of watches.values()) watcher.close()
      watches.clear()
    },
  }
}
