import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { equal } from './equal.ts'
import { deepFreeze } from './freeze.ts'

const proto = (text: string): unknown => JSON.parse(text)

describe('equal', () => {
  it.each<[string, unknown, unknown]>([
    ['objects, whatever the order of their properties', { a: 1, b: [2] }, { b: [2], a: 1 }],
    ['an absent property and one that is undefined', { a: 1, b: undefined }, { a: 1 }],
    ['bytes', new Uint8Array([1, 2]), Buffer.from([1, 2])],
    ['bigint', { n: 1n }, { n: 1n }],
    ['NaN', Number.NaN, Number.NaN],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a property called __proto__', proto('{"__proto__": 1}'), proto('{"__proto__": 1}')],
  ])('holds for %s', (_, a, b) => {
    expect(equal(a, b)).toBe(true)
    expect(equal(b, a)).toBe(true)
  })

  it.each<[string, unknown, unknown]>([
    ['a missing property', { a: 1, b: 2 }, { a: 1 }],
    ['arrays of different order', [1, 2], [2, 1]],
    ['an array and an object', [], {}],
    ['null and an object', null, {}],
    ['a number and its text', 1, '1'],
    ['1 and 1n', 1, 1n],
    ['0 and -0, whose encodings differ', 0, -0],
    ['bytes and an array of numbers', new Uint8Array([1]), [1]],
    ['a property named like an inherited one', {}, { toString: 'x' }],
    ['a property called __proto__ and none', proto('{"__proto__": {}}'), {}],
    ['two equal maps: no plain data', new Map(), new Map()],
  ])('does not hold for %s', (_, a, b) => {
    expect(equal(a, b)).toBe(false)
    expect(equal(b, a)).toBe(false)
  })

  it('holds for any value and its copy, and for two values only if Jest says so too', () => {
    const value = fc.object({ withBigInt: true, maxDepth: 2, withNullPrototype: true })
    fc.assert(fc.property(value, (a) => equal(a, structuredClone(a))))
    fc.assert(fc.property(value, value, (a, b) => expect(equal(a, b)).toBe(same(a, b))))
  })
})

function same(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}

describe('deepFreeze', () => {
  it('freezes all the way down, also below what was frozen by hand', () => {
    const value = { list: [{ a: 1 }], shallow: Object.freeze({ deep: { b: 2 } }) }
    deepFreeze(value)
    expect([value.list, value.list[0], value.shallow.deep].map(Object.isFrozen)).toEqual([true, true, true])
  })

  it.each([[new Map()], [new Date()], [() => 0], [Promise.resolve()]])('refuses %p, which has no equality', (value) => {
    expect(() => deepFreeze({ value })).toThrow(/a record holds a/)
  })
})
