import { describe, expect, it } from '@jest/globals'
import { coveringHosts, hostRank, parsePlace } from './place.ts'

describe('coveringHosts', () => {
  it.each([
    ['a.b.com', ['a.b.com', '*.b.com', '*.com', '']],
    ['*.b.com', ['*.b.com', '*.com', '']],
    ['localhost', ['localhost', '']],
    ['*.com', ['*.com', '']],
    ['', ['']],
  ])('%j', (host, expected) => {
    expect(coveringHosts(host)).toEqual(expected)
  })
})

describe('hostRank', () => {
  it('sorts exact hosts first, then wildcards by length, then every host', () => {
    const hosts = ['', '*.com', '*.example.com', 'example.com', `*.${'x'.repeat(251)}`]
    const sorted = [...hosts].sort((a, b) => (hostRank(a) < hostRank(b) ? -1 : 1))
    expect(sorted).toEqual(['example.com', `*.${'x'.repeat(251)}`, '*.example.com', '*.com', ''])
  })
})

describe('parsePlace', () => {
  it('keeps an empty host apart from its port', () => {
    expect(parsePlace('default~gw/80/')).toEqual({ fleet: 'default~gw', port: 'default~gw/80', host: '' })
  })
})
