import { describe, expect, it } from '@jest/globals'
import { mergeJson, objectOf } from './json-merge.ts'

describe('mergeJson', () => {
  it.each<[object, object, object]>([
    [{ a: 1, b: { c: 2, d: 3 } }, { b: { c: 4 } }, { a: 1, b: { c: 4, d: 3 } }],
    [{ a: 1, b: 2 }, { a: null }, { b: 2 }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{}, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ])('of %j and %j is %j', (target, patch, merged) => {
    expect(mergeJson(target, patch as never)).toEqual(merged)
  })
})

describe('objectOf', () => {
  it('takes nothing for an object without fields', () => {
    expect(objectOf('')).toEqual({})
  })

  it.each(['[]', 'null', '3', '{'])('throws a fault for %s, which the translator never writes', (text) => {
    expect(() => objectOf(text)).toThrow(expect.objectContaining({ code: 'record_unreadable' }))
  })
})
