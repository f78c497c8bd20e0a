// A message is what its table says, and nothing else in silence.
import { describe, expect, it } from '@jest/globals'
import { bool, bytes, double, int32, int64, many, map, may, message, one, oneOf, string, uint32 } from './wire.ts'

const Inner = message('Inner', { name: one(1, string) })
const Whole = message('Whole', {
  text: one(1, string),
  count: one(2, uint32),
  signed: one(3, int32),
  long: one(4, int64),
  share: one(5, double),
  is: one(6, bool),
  raw: may(7, bytes),
  inner: may(8, Inner),
  all: many(9, Inner),
  numbers: many(10, int32),
  by: map(11, Inner),
  either: oneOf({ left: [12, string], right: [13, Inner] }),
})

const notes = (): { all: string[]; note(complaint: string): void } => {
  const all: string[] = []
  return { all, note: (complaint) => all.push(complaint) }
}

describe('a table', () => {
  it('reads what it writes', () => {
    const { all, note } = notes()
    const either = { is: 'right', value: { name: 'r' } } as const
    const draft = { text: 'ä', count: 7, signed: -1, long: 5, share: 0.5, is: true, raw: Uint8Array.of(1), either }
    const more = { inner: { name: 'i' }, all: [{ name: 'a' }, {}], numbers: [1, -2], by: { k: { name: 'v' } } }
    const read = Whole.decode(Whole.encode({ ...draft, ...more }), note)
    expect(read).toMatchObject({ ...draft, inner: { name: 'i' }, all: [{ name: 'a' }, { name: '' }], numbers: [1, -2] })
    expect([...read.by]).toEqual([['k', { name: 'v' }]])
    expect(all).toEqual([])
  })

  it('gives the empty values of what is absent', () => {
    const read = Whole.decode(new Uint8Array(), () => {})
    expect(read).toMatchObject({ text: '', count: 0, is: false, all: [], numbers: [] })
    expect([read.raw, read.inner, read.either]).toEqual([undefined, undefined, undefined])
  })

  it('reads numbers that are packed', () => {
    expect(Whole.decode(Uint8Array.of(0x52, 2, 1, 2), () => {}).numbers).toEqual([1, 2])
  })

  it('tells of a field that it does not have, with the place', () => {
    const { all, note } = notes()
    const Wider = message('Wider', { inner: may(8, message('Inner', { name: one(1, string), more: one(2, string) })) })
    expect(Whole.decode(Wider.encode({ inner: { name: 'i', more: 'x' } }), note).inner).toEqual({ name: 'i' })
    expect(all).toEqual(['Whole.inner: Inner has no field 2'])
  })

  it.each([
    ['a field of another type', message('Other', { text: one(1, uint32) }).encode({ text: 1 })],
    ['text that is no UTF-8', message('Other', { text: one(1, bytes) }).encode({ text: Uint8Array.of(0xff) })],
    ['an end too early', Uint8Array.of(0x0a, 5, 97)],
  ])('refuses %s', (_, body) => {
    expect(() => Whole.decode(body, () => {})).toThrow()
  })
})
