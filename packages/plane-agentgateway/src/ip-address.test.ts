import { describe, expect, it } from '@jest/globals'
import { ipBytes } from './ip-address.ts'

const hex = (text: string): string => Buffer.from(ipBytes(text)).toString('hex')

describe('the bytes of an address', () => {
  it.each([
    ['10.0.0.1', '0a000001'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['fd00::1', `fd00${'0'.repeat(27)}1`],
    ['fd00::', `fd00${'0'.repeat(28)}`],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['2001:DB8::5:6', '20010db8000000000000000000050006'],
    ['::ffff:10.0.0.1', `${'0'.repeat(20)}ffff0a000001`],
  ])('%s', (text, expected) => {
    expect(hex(text)).toBe(expected)
  })

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1.2',
    'web.example.com',
    '1:2:3:4:5:6:7',
    '1::2::3',
    '1:2:3:4:5:6:7:8::',
    'g::1',
  ])('are none of %p', (text) => {
    expect(() => ipBytes(text)).toThrow()
  })
})
