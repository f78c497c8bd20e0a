import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { withLock } from './lock.mjs'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-lock-'))
  file = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the set-up lock', () => {
  it('lets one in at a time, and all in the end', async () => {
    let inside = 0
    const seen: number[] = []
    const work = async (): Promise<void> => {
      seen.push(++inside)
      await new Promise((resolve) => setImmediate(resolve))
      inside--
    }
    const said: string[] = []
    await Promise.all([1, 2, 3].map(() => withLock(file, work, (sentence) => said.push(sentence))))
    expect(said).toEqual(Array(2).fill(expect.stringContaining(`(process ${process.pid}); waiting for it`)))
    expect(seen).toEqual([1, 1, 1])
    expect(existsSync(file)).toBe(false)
  })

  it('is free again after a failure', async () => {
    await expect(withLock(file, () => Promise.reject(new Error('no network')))).rejects.toThrow('no network')
    await withLock(file, async () => {})
  })

  it('is not held by a process that died', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(file, String(pid))
    await withLock(file, async () => {})
    expect(existsSync(file)).toBe(false)
  })
})
