import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { type JWTPayload, SignJWT } from 'jose'
import { createAuthority, createCertificateAuthority } from './authority.ts'
import { clockSkewMs, tokenAudience, verifyToken } from './index.ts'

const nowMs = Date.parse('2026-11-21T23:00:00Z')
const hourMs = 3_600_000
const install = 'local'

const [first, second] = await Promise.all(
  [0, 1].map(() => createCertificateAuthority(install, { validMs: 24 * hourMs, nowMs })),
)
if (!first || !second) throw new Error('two authorities')
const authority = createAuthority({ install, ...first, nowMs: () => nowMs })
const check = { install, caPem: first.certificatePem, nowMs }

type Claims = { readonly [claim in keyof typeof good]: (typeof good)[claim] | undefined }

const good = {
  sub: 'spiffe://local.penstock.dev/fleet/default/gw',
  aud: tokenAudience,
  nbf: nowMs / 1_000,
  exp: nowMs / 1_000 + 3_600,
}
const header = { alg: 'ES256', typ: 'penstock-identity+jwt' }
const signed = (payload: Claims, more = {}, keyPem = first.keyPem) =>
  new SignJWT(payload as JWTPayload).setProtectedHeader({ ...header, ...more }).sign(createPrivateKey(keyPem))
const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

describe('a token', () => {
  it('says which fleet its holder is of, until it expires', async () => {
    const { token, notAfterMs } = await authority.issueToken('default~gw', { validMs: hourMs })
    expect(notAfterMs).toBe(nowMs + hourMs)
    const expected = { fleet: 'default~gw', expiresMs: notAfterMs + clockSkewMs }
    expect(await verifyToken(token, check)).toEqual(expected)
    expect(await verifyToken(token, { ...check, nowMs: notAfterMs + clockSkewMs - 1_000 })).toEqual(expected)
    expect(await verifyToken(token, { ...check, nowMs: notAfterMs + clockSkewMs })).toEqual({ refused: 'expired' })
  })

  it('is good at once where the clock is behind', async () => {
    const { token } = await authority.issueToken('default~gw', { validMs: hourMs })
    expect(await verifyToken(token, { ...check, nowMs: nowMs - clockSkewMs })).toMatchObject({ fleet: 'default~gw' })
  })

  it('may be of any authority in the bundle, old or new', async () => {
    const { token } = await authority.issueToken('default~gw', { validMs: hourMs })
    const verdict = (caPem: string) => verifyToken(token, { ...check, caPem })
    expect(await verdict(second.certificatePem + first.certificatePem)).toMatchObject({ fleet: 'default~gw' })
    expect(await verdict(first.certificatePem + second.certificatePem)).toMatchObject({ fleet: 'default~gw' })
    expect(await verdict(second.certificatePem)).toEqual({ refused: 'untrusted' })
  })

  it('is worth nothing once its authority has expired', async () => {
    const token = await signed({ ...good, exp: good.exp + 10 * 86_400 })
    expect(await verifyToken(token, { ...check, nowMs: nowMs + 25 * hourMs })).toEqual({ refused: 'untrusted' })
  })

  it.each<[string, string, () => Promise<string> | string]>([
    ['has expired', 'expired', () => signed({ ...good, exp: nowMs / 1_000 - 301 })],
    ['is for later', 'not_yet_valid', () => signed({ ...good, nbf: nowMs / 1_000 + 301 })],
    ['never expires', 'wrong_use', () => signed({ ...good, exp: undefined })],
    ['is for someone else', 'wrong_use', () => signed({ ...good, aud: 'kubernetes' })],
    ['is for nobody', 'wrong_use', () => signed({ ...good, aud: undefined })],
    ['is of another kind', 'wrong_use', () => signed(good, { typ: 'JWT' })],
    ['names nobody', 'wrong_use', () => signed({ ...good, sub: undefined })],
    ['names no fleet', 'no_fleet', () => signed({ ...good, sub: 'system:serviceaccount:default:gw' })],
    [
      'is of another installation',
      'other_install',
      () => signed({ ...good, sub: 'spiffe://other.penstock.dev/fleet/default/gw' }),
    ],
    ['is signed by someone else', 'untrusted', () => signed(good, {}, second.keyPem)],
    ['is not signed', 'unreadable', () => `${encoded({ ...header, alg: 'none' })}.${encoded(good)}.`],
    ['is signed with what everyone knows', 'unreadable', () => forged()],
    ['is not a token', 'unreadable', () => 'let me in'],
    ['is empty', 'unreadable', () => ''],
    ['is endless', 'unreadable', () => 'a.'.repeat(1_000_000)],
  ])('that %s is refused as %s', async (_, refused, make) => {
    expect(await verifyToken(await make(), check)).toEqual({ refused })
  })

  it('is refused whichever byte of it is changed', async () => {
    const { token } = await authority.issueToken('default~gw', { validMs: hourMs })
    // The last character of a part holds bits that count for nothing.
    for (let at = 0; at < token.length; at += 7) {
      if (token[at] === '.' || token[at + 1] === '.' || at + 1 === token.length) continue
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(await verifyToken(changed, check)).toHaveProperty('refused')
    }
  })
})

/** Signed with the public key as a secret (RFC 8725, section 2.1). */
const forged = (): Promise<string> =>
  new SignJWT(good).setProtectedHeader({ ...header, alg: 'HS256' }).sign(Buffer.from(first.certificatePem))
