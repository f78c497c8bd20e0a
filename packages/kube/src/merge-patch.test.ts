import { describe, expect, it } from '@jest/globals'
import { mergePatch } from './merge-patch.ts'

describe('a merge patch', () => {
  it.each([
    ['nothing of what is equal', { a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }, {}],
    ['what is new', {}, { a: 1 }, { a: 1 }],
    ['null for what goes', { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2 } }, { a: null, b: { c: null } }],
    ['lists whole', { a: [1, 2] }, { a: [2] }, { a: [2] }],
    ['an object in place of a list', { a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('has %s', (_what, before, after, patch) => {
    expect(mergePatch(before, after)).toEqual(patch)
  })
})
