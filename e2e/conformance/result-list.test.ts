import { describe, expect, it } from '@jest/globals'
import { type CatalogueEntry, claimedProfiles, profileTable } from './profile-table.ts'
import { compare, formatExpected, parseExpected, type ResultList } from './result-list.ts'

const results: ResultList = new Map([
  ['A', 'pass'],
  ['B', 'fail'],
  ['C', 'skip'],
])

describe('the list of results', () => {
  it('is read back as it was written', () => {
    expect(parseExpected(formatExpected(results))).toEqual(results)
  })

  it('refuses a line that it does not know', () => {
    expect(() => parseExpected('A passed')).toThrow('"A passed" is no line')
  })

  it.each([
    ['all is as expected', 'A pass\nB fail\nC not-yet', { worse: [], missing: [], better: [] }],
    ['a test no longer passes', 'A pass\nB pass\nC pass', { worse: ['B', 'C'], missing: [], better: [] }],
    [
      'a test fails that nothing was promised of',
      'A pass\nB not-yet\nC not-yet',
      { worse: ['B'], missing: [], better: [] },
    ],
    ['a test passes at last', 'A not-yet\nB fail\nC fail', { worse: [], missing: [], better: ['A', 'C'] }],
    ['a test did not run', 'A pass\nB fail\nC not-yet\nD not-yet', { worse: [], missing: ['D'], better: [] }],
  ])('tells when %s', (_, expected, comparison) => {
    expect(compare(parseExpected(expected), results)).toEqual(comparison)
  })
})

describe('the table of profiles', () => {
  it('counts what passes of all there are, and names what fails', () => {
    const catalogue: CatalogueEntry[] = [
      { name: 'A', features: [], profiles: { HTTP: 'core', TLS: 'core' } },
      { name: 'B', features: [], profiles: { HTTP: 'extended' } },
      { name: 'C', features: [], profiles: { HTTP: 'extended' } },
      { name: 'D', features: [], profiles: {} },
    ]
    expect(profileTable(catalogue, results)).toEqual([
      'HTTP core 1/1 extended 0/2; failed: B',
      'TLS core 1/1 extended 0/0',
    ])
  })

  it('claims a profile when all of its core is claimed', () => {
    const catalogue: CatalogueEntry[] = [
      { name: 'A', features: ['Gateway'], profiles: { HTTP: 'core', TLS: 'core' } },
      { name: 'B', features: ['TLSRoute'], profiles: { TLS: 'core' } },
      { name: 'C', features: ['Retry'], profiles: { HTTP: 'extended' } },
    ]
    expect(claimedProfiles(catalogue, new Set(['Gateway']))).toEqual(['HTTP'])
  })
})
