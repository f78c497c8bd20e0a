import { describe, expect, it } from '@jest/globals'
import { batches } from './batch.ts'
import type { Edit } from './difference.ts'
import { settingsWith } from './settings.ts'

const edit = (group: string, part: number, size = 1): Edit => ({
  key: `${group}/${part}`,
  subject: `${group}.${part}`,
  group,
  data: new Uint8Array(size),
})

const parts = (group: string, count: number, size?: number): Edit[] =>
  Array.from({ length: count }, (_, part) => edit(group, part, size))

const settings = settingsWith({ maxCommitMessages: 11, maxCommitBytes: 20_000 })
const sizes = (edits: Edit[]): number[] => batches(edits, settings, 0).map((batch) => batch.length)

describe('batches', () => {
  it.each([
    ['nothing: a commit without records', [], [0]],
    ['one record', parts('a', 1), [1]],
    ['as many as fit beside the commit record', parts('a', 10), [10]],
    ['a group that would be cut goes into the next', [...parts('a', 6), ...parts('b', 6)], [6, 6]],
    ['small groups share', [...parts('a', 3), ...parts('b', 3), ...parts('c', 3)], [9]],
    ['a group too large for any commit is cut', parts('a', 25), [10, 10, 5]],
    ['bytes count too', parts('a', 4, 9_000), [2, 2]],
    ['a record over the limit of a commit goes alone', [edit('a', 1), edit('b', 1, 30_000), edit('c', 1)], [1, 1, 1]],
  ])('%s', (_, edits, expected) => {
    expect(sizes(edits)).toEqual(expected)
  })

  it('brings the scattered records of a group together', () => {
    const scattered = [edit('a', 1), ...parts('b', 9), edit('a', 2)]
    expect(batches(scattered, settings, 0).map((batch) => batch.map(({ group }) => group))).toEqual([
      ['a', 'a'],
      Array(9).fill('b'),
    ])
  })
})
