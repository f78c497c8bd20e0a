import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import type { JsonGeneralName } from '@peculiar/x509'
import { createCertificateAuthority } from './authority.ts'
import { algorithm, makeKeys, makeLeafCertificate, readIssuer } from './certificate.ts'
import { identifyCertificate } from './index.ts'

const nowMs = Date.parse('2026-11-21T23:00:00Z')
const hourMs = 3_600_000
const own: JsonGeneralName = { type: 'url', value: 'spiffe://local.penstock.dev/fleet/default/gw' }

async function certificateWith(...names: readonly JsonGeneralName[]): Promise<X509Certificate> {
  const authority = await createCertificateAuthority('local', { validMs: hourMs, nowMs })
  const keys = await makeKeys()
  const pem = await makeLeafCertificate({
    ...{ use: 'client', names, publicKey: keys.publicKey, notBeforeMs: nowMs, notAfterMs: nowMs + hourMs },
    issuer: readIssuer(new X509Certificate(authority.certificatePem)),
    signingKey: createPrivateKey(authority.keyPem).toCryptoKey(algorithm, false, ['sign']),
  })
  return new X509Certificate(pem)
}

describe('a client certificate', () => {
  it.each<[string, JsonGeneralName[], object]>([
    ['its one URI', [own], { fleet: 'default~gw', expiresMs: nowMs + hourMs }],
    ['its one URI among other names', [{ type: 'dns', value: 'a.test' }, own], { fleet: 'default~gw' }],
    ['nothing without a URI', [{ type: 'dns', value: 'local.penstock.dev' }], { refused: 'no_fleet' }],
    [
      'nothing with two',
      [own, { type: 'url', value: 'spiffe://local.penstock.dev/fleet/other' }],
      { refused: 'no_fleet' },
    ],
    ['nothing with the same twice', [own, own], { refused: 'no_fleet' }],
    ['nothing by another kind of URI', [{ type: 'url', value: 'https://a.test' }], { refused: 'no_fleet' }],
    [
      'nothing by a URI within a name of another type',
      [{ type: 'dns', value: 'a.test, URI:spiffe://local.penstock.dev/fleet/default/gw' }],
      { refused: 'no_fleet' },
    ],
    [
      'nothing of another installation',
      [{ type: 'url', value: 'spiffe://other.penstock.dev/fleet/default/gw' }],
      { refused: 'other_install' },
    ],
  ])('identifies by %s', async (_, names, expected) => {
    expect(identifyCertificate(await certificateWith(...names), { install: 'local', nowMs })).toMatchObject(expected)
  })

  it('identifies nobody once it has expired', async () => {
    const certificate = await certificateWith(own)
    const at = (ms: number) => identifyCertificate(certificate, { install: 'local', nowMs: ms })
    expect(at(nowMs + hourMs - 1)).toMatchObject({ fleet: 'default~gw' })
    expect(at(nowMs + hourMs)).toEqual({ refused: 'expired' })
  })
})
