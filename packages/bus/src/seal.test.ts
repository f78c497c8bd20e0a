import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { createSealer, newSealingKeys, readSealingKeys, type SealingKeys } from './seal.ts'

const file = join(mkdtempSync(join(tmpdir(), 'penstock-seal-')), 'keys.json')
afterAll(() => rmSync(dirname(file), { recursive: true }))

function keysOf(text: string): SealingKeys {
  writeFileSync(file, text)
  return readSealingKeys(file)
}

const first = keysOf(newSealingKeys())
const plaintext = Buffer.from('-----BEGIN PRIVATE KEY-----')
const subject = '/Secret/default/web'

describe('a sealer', () => {
  it('opens what it sealed, and shows none of it', () => {
    const sealed = createSealer(first).seal(subject, plaintext)
    expect(Buffer.from(sealed.box).includes('PRIVATE')).toBe(false)
    expect(Buffer.from(createSealer(first).open(sealed))).toEqual(plaintext)
  })

  it('gives equal bytes for equal plaintext under one subject, and only then', () => {
    const [one, other] = [createSealer(first), createSealer(first)]
    expect(one.seal(subject, plaintext)).toEqual(other.seal(subject, plaintext))
    const boxes = [
      one.seal(subject, plaintext),
      one.seal('/Secret/default/api', plaintext),
      one.seal(subject, Buffer.from('-----BEGIN PRIVATE KEY----')),
      createSealer(keysOf(newSealingKeys())).seal(subject, plaintext),
    ]
    const nonces = boxes.map(({ box }) => Buffer.from(box.subarray(0, 12)).toString('hex'))
    expect(new Set(nonces).size).toBe(4)
  })

  it('opens nothing under another subject, damaged, shortened, or without its key', () => {
    const sealer = createSealer(first)
    const sealed = sealer.seal(subject, plaintext)
    const damaged = Uint8Array.from(sealed.box)
    damaged[15] = (damaged[15] ?? 0) ^ 1
    for (const wrong of [
      { ...sealed, subject: '/Secret/other/web' },
      { ...sealed, box: damaged },
      { ...sealed, box: sealed.box.subarray(0, 20) },
      { ...sealed, box: new Uint8Array(0) },
      { ...sealed, keyId: 'k0' },
    ]) {
      expect(() => sealer.open(wrong)).toThrow(expect.objectContaining({ code: 'seal_broken' }))
    }
  })

  it('opens what the key before sealed, and seals with the new one', () => {
    const old = createSealer(first).seal(subject, plaintext)
    const rotated = keysOf(newSealingKeys(first))
    const sealer = createSealer(rotated)
    expect(Buffer.from(sealer.open(old))).toEqual(plaintext)
    const fresh = sealer.seal(subject, plaintext)
    expect(fresh.keyId).toBe(rotated.current)
    expect(fresh.box).not.toEqual(old.box)
    // After the next rotation the first key is gone.
    const third = createSealer(keysOf(newSealingKeys(rotated)))
    expect(() => third.open(old)).toThrow(first.current)
    expect(Buffer.from(third.open(fresh))).toEqual(plaintext)
  })
})

describe('the file of sealing keys', () => {
  it.each([
    ['{', 'keys in'],
    ['{"current": "a", "keys": {"b": ""}}', 'current key is missing'],
    ['{"current": "a", "keys": {"a": "c2hvcnQ="}}', 'key a is not of 32 bytes'],
    ['{"current": "a", "keys": {"a": "", "b": "", "c": ""}}', 'more than two keys'],
  ])('refuses %s', (text, reason) => {
    expect(() => keysOf(text)).toThrow(reason)
  })
})
