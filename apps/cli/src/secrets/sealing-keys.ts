// Sealing keys by names that somebody chose: the same name twice is the same key. A new one only opens, until a second step
// has it seal: whoever opens must have it before. The name is the beginning of the key's id, so the file remembers it.
import { randomBytes } from 'node:crypto'
import { readSealingKeys } from '@penstock/bus'
import { writePrivately } from '../service-secrets.ts'

export interface SealingKeyNames {
  /** The newest, made where it is not there. Empty: those that are there. */
  readonly newest: string
  /** The one that seals, which must have been there before. Empty: the one that does already. */
  readonly sealing: string
  /** The one that is made where there are none; of no use where there are. */
  readonly first: string
}

const named = /^[A-Za-z0-9_-]{1,40}$/

/** For schemas: such a name, or none. */
export const sealingKeyNamePattern = `^(${named.source.slice(1, -1)})?$`

export function checkSealingKeyName(flag: string, name: string): string {
  if (name !== '' && !named.test(name))
    throw new Error(`${flag} takes a name of letters, digits, _ and -, not "${name}"`)
  return name
}

/** `isFirst`: nothing was sealed yet, so whatever is named may be made at once. */
export function stepSealingKeys(file: string, { newest, sealing, first }: SealingKeyNames, isFirst: boolean): void {
  if (isFirst) return makeSealingKeys(file, sealing || newest || first, newest)
  if (newest === '' && sealing === '') return
  const { current, keys } = readSealingKeys(file)
  const known = Object.entries(keys)
  // What seals stays; what only opened before goes, as there is room for two.
  const all =
    newest === '' || idOf(known, newest) !== undefined
      ? known
      : [...known.filter(([id]) => id === current), newKey(newest)]
  const next = sealing === '' ? current : idOf(known, sealing)
  if (next === undefined) {
    throw new Error(
      `no sealing key ${sealing} is in use yet (there are ${known.map(([id]) => id).join(', ')}): have it made first, ` +
        'restart the servers that open with it, and only then have it seal; that is, leave out --seal-by (secrets.sealBy) once',
    )
  }
  if (all !== known && next !== current) {
    throw new Error(`the sealing key ${newest} is to be made, and ${sealing} to seal from here on: one step at a time`)
  }
  if (all !== known || next !== current) writeKeys(file, next, all)
}

function makeSealingKeys(file: string, sealing: string, newest: string): void {
  if (sealing === '') return
  const first = newKey(sealing)
  writeKeys(file, first[0], [first, ...(newest === '' || newest === sealing ? [] : [newKey(newest)])])
}

type Key = readonly [id: string, key: Uint8Array]

const newKey = (name: string): Key => [`${name}.${randomBytes(4).toString('hex')}`, randomBytes(32)]

/** By the whole id too, for keys that nobody named. */
const idOf = (keys: readonly Key[], name: string): string | undefined =>
  keys.find(([id]) => id.split('.')[0] === name)?.[0]

function writeKeys(file: string, current: string, all: readonly Key[]): void {
  const keys = Object.fromEntries(all.map(([id, key]) => [id, Buffer.from(key).toString('base64')]))
  writePrivately(file, `${JSON.stringify({ current, keys }, null, 2)}\n`)
}
