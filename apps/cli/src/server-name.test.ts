import { describe, expect, it } from '@jest/globals'
import { checkServerName, serverNamePattern } from './server-name.ts'

const names = [
  'xds.example.com',
  '*.example.com',
  'xds-server',
  'XDS.Example.Com',
  '4f3a9bc',
  '192.0.2.7',
  '2001:db8::7',
  '::1',
]
const others = [
  ...[
    'https://xds.example.com',
    'xds.example.com:443',
    'a b',
    '',
    'ü.example.com',
    '*',
    '*.',
    'a.*.example.com',
    '**.a',
  ],
  ...['fe80::1%eth0', 'a..b', '-a.b', 'a-.b', '.a', 'a.', 'a_b.c', 'a,b', '[::1]', '1.2.3', 'a.1'],
]

describe('the name of a server', () => {
  it.each(names)('can be %s', (name) => {
    expect(checkServerName(name)).toBe(name)
    expect(name).toMatch(new RegExp(serverNamePattern))
  })

  it.each(others)('cannot be "%s", and the schema says so too', (name) => {
    expect(() => checkServerName(name)).toThrow(`"${name}" is no name of a server`)
    expect(name).not.toMatch(new RegExp(serverNamePattern))
  })

  it.each(['300.1.1.1', '1:2', `${'a'.repeat(64)}.b`, `${'a.'.repeat(130)}b`])('cannot be "%s"', (name) => {
    expect(() => checkServerName(name)).toThrow('is no name of a server')
  })
})
