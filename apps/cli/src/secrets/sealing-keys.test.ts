import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createSealer, newSealingKeys, readSealingKeys } from '@penstock/bus'
import { checkSealingKeyName, stepSealingKeys } from './sealing-keys.ts'

const file = join(mkdtempSync(join(tmpdir(), 'penstock-keys-')), 'keys.json')
afterAll(() => rmSync(dirname(file), { recursive: true }))
beforeEach(() => writeFileSync(file, newSealingKeys()))

const step = (newest: string, sealing: string, isFirst = false, first = '') =>
  stepSealingKeys(file, { newest, sealing, first }, isFirst)
const now = () => readSealingKeys(file)
const nameOf = (id: string): string => id.split('.')[0] ?? ''
const names = (): string[] => Object.keys(now().keys).map(nameOf)

describe('sealing keys by name', () => {
  it('come first to open, then to seal, and are made once however often they are asked for', () => {
    const first = now()
    step('2', '')
    const both = now()
    expect(both.current).toBe(first.current)
    expect(names()).toEqual([first.current, '2'])
    step('2', '')
    expect(now()).toEqual(both)
    step('2', '2')
    const sealing = now()
    expect([nameOf(sealing.current), sealing.keys]).toEqual(['2', both.keys])
    step('2', '2')
    step('2', '')
    expect(now()).toEqual(sealing)
  })

  it('lose the one that only opened, never the one that seals', () => {
    step('2', '')
    step('2', '2')
    const sealed = createSealer(now()).seal('a', Buffer.from('key'))
    step('3', '2')
    step('3', '2')
    expect(names()).toEqual(['2', '3'])
    expect(nameOf(now().current)).toBe('2')
    expect(Buffer.from(createSealer(now()).open(sealed)).toString()).toBe('key')
  })

  it('refuse to seal with what the servers cannot have, and leave all as it is', () => {
    const before = now()
    expect(() => step('2', '2')).toThrow(
      /no sealing key 2 is in use yet .*restart the servers.*leave out --seal-by \(secrets.sealBy\)/,
    )
    step('2', '')
    const both = now()
    expect(() => step('3', '2')).toThrow('one step at a time')
    expect(now()).toEqual(both)
    step('2', '2')
    step('', before.current)
    expect(now().current).toBe(before.current)
  })

  it('are what is named from the start where nothing was sealed yet', () => {
    step('2', '2', true)
    expect(names()).toEqual(['2'])
    step('3', '2', true)
    expect([names(), nameOf(now().current)]).toEqual([['2', '3'], '2'])
    step('4', '', true)
    const made = now()
    step('4', '')
    expect(now()).toEqual(made)
  })

  it('have a first name where there are none, and none but their own where there are', () => {
    step('', '', true, '2')
    const made = now()
    expect([names(), nameOf(made.current)]).toEqual([['2'], '2'])
    step('', '', false, '1')
    step('2', '2', false, '1')
    expect(now()).toEqual(made)
    step('3', '2', true, '1')
    expect(names()).toEqual(['2', '3'])
  })

  it('lose none that seals to older names', () => {
    step('2', '2', true)
    step('3', '2')
    step('3', '3')
    const both = now()
    expect(() => step('2', '1')).toThrow('no sealing key 1 is in use yet')
    expect(() => step('1', '2')).toThrow('one step at a time')
    expect(now()).toEqual(both)
    step('1', '')
    expect([names(), nameOf(now().current)]).toEqual([['3', '1'], '3'])
  })

  it('have names that fit into an id', () => {
    expect(checkSealingKeyName('--seal-by', '2026-11')).toBe('2026-11')
    expect(() => checkSealingKeyName('--seal-by', '2.1')).toThrow('--seal-by takes a name')
  })
})
