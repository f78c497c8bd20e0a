// A file's text, or why there is none.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { stampOf } from './folder-scan.ts'

export type FileLook =
  | { state: 'read'; text: string; stamp: string }
  | { state: 'unreadable'; reason: string; stamp: string }
  | { state: 'vanished' }

export function readFile(path: string, maxBytes: number): FileLook {
  let fd: number
  try {
    // Without waiting: a pipe would block until somebody writes to it.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'vanished' }
    return { state: 'unreadable', reason: message, stamp: '' }
  }
  try {
    const stats = fstatSync(fd, { bigint: true })
    if (!stats.isFile()) return { state: 'vanished' }
    const stamp = stampOf(stats)
    if (stats.size > BigInt(maxBytes)) {
      return { state: 'unreadable', reason: `${stats.size} bytes, more than ${maxBytes}`, stamp }
    }
    return { state: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(fd)), stamp }
  } catch (thrown) {
    return { state: 'unreadable', reason: thrown instanceof Error ? thrown.message : String(thrown), stamp: '' }
  } finally {
    closeSync(fd)
  }
}
