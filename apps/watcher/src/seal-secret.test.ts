import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { createSealer } from '@penstock/bus'
import type { SealedText, Secret } from '@penstock/gateway-api'
import { oddPairs } from './odd-keys.test-data.ts'
import { sealSecret } from './seal-secret.ts'

// Self-signed, for one.example.com; it means nothing anywhere else.
const chainPem = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUaDh4X14aVX2Mitgxf+9e9SmrdNkwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDb25lMCAXDTI2MTEyMTExMTA0NVoYDzIxMjYxMDI4MTExMDQ1
WjAOMQwwCgYDVQQDDANvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASN8b/F
Au/ObD2Bw0qUeNNPhyfCCqDhPJGQNtD7E6XzjOWnmVw/fn9GppO2+OVDpa55Nsy6
ps542g/qVnbHHGFpo28wbTAdBgNVHQ4EFgQUoskqDNr8l7HpRLc9D8XTywTdtlIw
HwYDVR0jBBgwFoAUoskqDNr8l7HpRLc9D8XTywTdtlIwDwYDVR0TAQH/BAUwAwEB
/zAaBgNVHREEEzARgg9vbmUuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIg
FD8rA41f0v0PWIdujPFbFCRFb3TG+2EjHycUh3fOxGYCIQCqWxMBH8J5jpeDB8Dt
9HugRoyD/LIDpvk1ize0nNSJNg==
-----END CERTIFICATE-----
`
const keyPem = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS93iRKlRUzt8eh0G
zNGrIFwMmKqGYJPGCpxqcobWcXyhRANCAASN8b/FAu/ObD2Bw0qUeNNPhyfCCqDh
PJGQNtD7E6XzjOWnmVw/fn9GppO2+OVDpa55Nsy6ps542g/qVnbHHGFp
-----END PRIVATE KEY-----
`

const sealer = createSealer({ current: 'k', keys: { k: Buffer.alloc(32, 7) } })
const metadata = {
  name: 'web',
  namespace: 'default',
  uid: 'u',
  generation: 1,
  creationTimestamp: '1970-01-01T00:00:00Z',
}
const subject = 'the subject of this record'

function seal(texts: Record<string, string>, type = 'kubernetes.io/tls') {
  const data = Object.fromEntries(Object.entries(texts).map(([k, text]) => [k, Buffer.from(text).toString('base64')]))
  const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, type, data }
  return sealSecret(secret, subject, sealer)
}

function open({ keyId, subject: about, box }: SealedText): string {
  return Buffer.from(sealer.open({ keyId, subject: about, box: Buffer.from(box, 'base64') })).toString()
}

describe('a Secret with a certificate', () => {
  it('crosses with its key sealed and its facts beside it', () => {
    const { tls, ...rest } = seal({ 'tls.crt': chainPem, 'tls.key': keyPem })
    if (!tls || 'problem' in tls) throw new Error(tls?.problem)
    expect(rest).toEqual({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls' })
    expect(tls.chainPem).toBe(chainPem)
    expect(tls.facts).toEqual({
      dnsNames: ['one.example.com'],
      notBeforeMs: Date.parse('2026-11-21T11:10:45Z'),
      notAfterMs: Date.parse('2126-10-28T11:10:45Z'),
      fingerprint: new X509Certificate(chainPem).fingerprint256.replaceAll(':', '').toLowerCase(),
    })
    expect(open(tls.keyPem)).toBe(keyPem.trim())
    expect(tls.keyPem.subject).toBe(subject)
    expect(JSON.stringify(tls)).not.toContain('PRIVATE')
  })

  it('keeps the whole chain, and the words around it away', () => {
    const { tls } = seal({ 'tls.crt': `subject=x\n${chainPem}\nissuer\n${chainPem}`, 'tls.key': keyPem })
    expect(tls).toMatchObject({ chainPem: chainPem + chainPem })
  })

  const otherKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each([
    ['no certificate', { 'tls.key': keyPem }, 'tls.crt is missing'],
    ['an empty key', { 'tls.crt': chainPem, 'tls.key': ' \n' }, 'tls.key is missing'],
    ['no PEM', { 'tls.crt': 'Hello', 'tls.key': keyPem }, 'tls.crt holds no certificate'],
    [
      'a broken chain',
      { 'tls.crt': chainPem + chainPem.replace('MIIB', 'XXXX'), 'tls.key': keyPem },
      'tls.crt holds no',
    ],
    ['no key', { 'tls.crt': chainPem, 'tls.key': chainPem }, 'tls.key holds no private key'],
    [
      'the key of another',
      { 'tls.crt': chainPem, 'tls.key': otherKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
      'not the key of the certificate',
    ],
  ])('tells of %s', (_, texts, problem) => {
    expect(seal(texts).tls).toEqual({ problem: expect.stringContaining(problem) })
  })

  it.each(Object.entries(oddPairs))('tells of a key that no proxy takes (%s)', (_, pair) => {
    const { tls } = seal({ 'tls.crt': pair.chainPem, 'tls.key': pair.keyPem })
    expect(tls).toEqual({ problem: expect.stringContaining('tls.key is none of RSA') })
  })
})

describe('any other Secret', () => {
  it('crosses with nothing but what is no secret', () => {
    expect(seal({ password: 'hunter2', 'ca.crt': chainPem }, 'Opaque')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'Opaque',
      data: { 'ca.crt': Buffer.from(chainPem).toString('base64') },
    })
  })
})
