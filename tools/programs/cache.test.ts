import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { addEntry, findEntry } from './cache.ts'

const { PENSTOCK_CACHE } = process.env
const hour = 3_600_000
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'penstock-cache-'))
  process.env['PENSTOCK_CACHE'] = root
})
afterEach(() => {
  if (PENSTOCK_CACHE === undefined) delete process.env['PENSTOCK_CACHE']
  else process.env['PENSTOCK_CACHE'] = PENSTOCK_CACHE
  rmSync(root, { recursive: true })
})

const fill = async (folder: string): Promise<void> => writeFileSync(join(folder, 'a'), '')
const entries = (): string[] => readdirSync(join(root, 'image')).sort()

/** An entry that was used so long ago. */
async function add(stamp: string, idleMs: number): Promise<void> {
  const folder = await addEntry({ kind: 'image', stamp }, fill)
  utimesSync(folder, new Date(), new Date(Date.now() - idleMs))
}

it('an entry appears whole or not at all', async () => {
  await expect(addEntry({ kind: 'image', stamp: 'bad' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(entries()).toEqual([])
  expect(findEntry('image', 'bad')).toBeUndefined()
  const folder = await addEntry({ kind: 'image', stamp: 'good' }, fill)
  expect(findEntry('image', 'good')).toBe(folder)
  expect(readdirSync(folder)).toEqual(['a'])
})

it('what was not used for a month goes, and halves whose makers are dead', async () => {
  await add('old', 31 * 24 * hour)
  await add('new', 29 * 24 * hour)
  mkdirSync(join(root, 'image/half.999999999'))
  await add('next', 0)
  expect(entries()).toEqual(['new', 'next'])
})

it('an entry is as new as it was made, whatever dates its files bring along', async () => {
  const unpack = async (folder: string): Promise<void> => utimesSync(folder, new Date(0), new Date(0))
  await addEntry({ kind: 'image', stamp: 'unpacked' }, unpack)
  await add('next', 0)
  expect(entries()).toEqual(['next', 'unpacked'])
})

it('of many the last used stay, and those that may be in use', async () => {
  for (const [stamp, idle] of [
    ['a', 4],
    ['b', 3],
    ['c', 2],
    ['d', 0.5],
    ['e', 0.1],
  ] as const)
    await add(stamp, idle * hour)
  await addEntry({ kind: 'image', stamp: 'f', keep: 2 }, fill)
  expect(entries()).toEqual(['d', 'e', 'f'])
  await add('c', 2 * hour)
  await addEntry({ kind: 'image', stamp: 'g', keep: 4 }, fill)
  expect(entries()).toEqual(['c', 'd', 'e', 'f', 'g'])
})
