import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { debugJson } from './debug-json.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const body = Buffer.from(pem).toString('base64')
const secretPart = pem.split('\n')[1] ?? ''

const read = (value: unknown): unknown => JSON.parse(debugJson(value))

describe('what a debug page shows', () => {
  it('is also what JSON has no form for', () => {
    const value = { big: 1n, map: new Map([['a', new Set(['b'])]]), error: new TypeError('no'), none: undefined }
    expect(read(value)).toEqual({ big: '1', map: { a: ['b'] }, error: 'TypeError: no' })
  })

  it.each<[string, unknown, unknown]>([
    ['a key in text', { chain: 'x', key: pem }, { chain: 'x', key: '(private key)' }],
    ['a key in base64', [body], ['(private key)']],
    [
      'a key in bytes',
      { body: new Uint8Array(Buffer.from(pem)) },
      { body: expect.stringMatching(/^\(\d+ bytes, sha256/) },
    ],
    ['a key in a buffer', { body: Buffer.from(pem) }, { body: expect.stringMatching(/^\(\d+ bytes, sha256/) }],
    ['a sealed box', { keyId: 'k', box: 'c2VhbGVk' }, { keyId: 'k', box: '(hidden)' }],
    ['a sealed box in bytes', { keyId: 'k', box: Buffer.from(pem) }, { keyId: 'k', box: '(hidden)' }],
    [
      'the values of a Secret',
      { kind: 'Secret', data: { token: 'x' } },
      { kind: 'Secret', data: { token: '(hidden)' } },
    ],
  ])('is never %s', (_, value, expected) => {
    expect(read({ deep: [value] })).toEqual({ deep: [expected] })
    expect(debugJson(value)).not.toContain(secretPart)
    expect(debugJson(value)).not.toContain(body)
  })

  it('keeps a certificate, which is no secret', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
    expect(read({ certificate, data: { a: 'b' } })).toEqual({ certificate, data: { a: 'b' } })
  })
})
