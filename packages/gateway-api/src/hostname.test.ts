import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compareHostnames, coversHostname, intersectHostnames, normalizeHostname, wildcardsOver } from './hostname.ts'

const sentence = 'is the same whichever side asks, and covered by both'
const hostname = fc.stringMatching(/^(\*\.)?([ab]\.){0,3}com$/).chain((name) => fc.constantFrom('', name))

describe('intersectHostnames', () => {
  // Listener.hostname and HTTPRouteSpec.hostnames: the examples of the text, and what follows from them.
  it.each([
    ['', '', ''],
    ['', 'test.example.com', 'test.example.com'],
    ['', '*.example.com', '*.example.com'],
    ['test.example.com', '', 'test.example.com'],
    ['test.example.com', 'test.example.com', 'test.example.com'],
    ['test.example.com', '*.example.com', 'test.example.com'],
    ['test.example.com', 'example.com', undefined],
    ['test.example.com', 'test.example.net', undefined],
    ['*.example.com', 'test.example.com', 'test.example.com'],
    ['*.example.com', 'foo.test.example.com', 'foo.test.example.com'],
    ['*.example.com', '*.example.com', '*.example.com'],
    ['*.example.com', '*.test.example.com', '*.test.example.com'],
    ['*.test.example.com', '*.example.com', '*.test.example.com'],
    ['*.example.com', 'example.com', undefined],
    ['*.example.com', '*.example.net', undefined],
    ['*.example.com', 'badexample.com', undefined],
    ['*.com', '*.example.com', '*.example.com'],
  ])('%j with %j is %j', (listener, route, both) => {
    expect(intersectHostnames(listener, route)).toBe(both)
    expect(intersectHostnames(route, listener)).toBe(both)
  })

  it(sentence, () => {
    fc.assert(
      fc.property(hostname, hostname, (a, b) => {
        const both = intersectHostnames(a, b)
        expect(intersectHostnames(b, a)).toBe(both)
        if (both !== undefined) expect(coversHostname(a, both) && coversHostname(b, both)).toBe(true)
      }),
    )
  })
})

describe('coversHostname', () => {
  it.each([
    ['', 'a.example.com', true],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', '*.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['a.example.com', 'a.example.com', true],
    ['a.example.com', '*.example.com', false],
    ['a.example.com', '', false],
    ['*.example.com', '', false],
  ])('%j over %j: %j', (outer, inner, covers) => {
    expect(coversHostname(outer, inner)).toBe(covers)
  })
})

describe('wildcardsOver', () => {
  it.each<[string, string[]]>([
    ['a.b.com', ['*.b.com', '*.com', '']],
    ['*.b.com', ['*.com', '']],
    ['com', ['']],
    ['*.com', ['']],
    ['', []],
  ])('%j: %j, each of which covers it', (hostname, wildcards) => {
    expect(wildcardsOver(hostname)).toEqual(wildcards)
    for (const wildcard of wildcards) expect(coversHostname(wildcard, hostname)).toBe(true)
  })
})

describe('compareHostnames', () => {
  it('puts plain before wildcard, longer before shorter, every host last', () => {
    const hosts = ['', '*.com', 'a.com', '*.example.com', 'b.example.com', 'a.example.com', '*.long.example.com']
    const sorted = ['a.example.com', 'b.example.com', 'a.com', '*.long.example.com', '*.example.com', '*.com', '']
    expect(hosts.toSorted(compareHostnames)).toEqual(sorted)
  })
})

describe('normalizeHostname', () => {
  it.each([
    [undefined, ''],
    ['', ''],
    ['WWW.Example.com', 'www.example.com'],
  ])('%j becomes %j', (written, normal) => {
    expect(normalizeHostname(written)).toBe(normal)
  })
})
