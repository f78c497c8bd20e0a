import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { type Authority, createAuthority, createCertificateAuthority } from './authority.ts'
import { makeAuthorityCertificate, makeKeys, privatePem } from './certificate.ts'
import { identityFiles } from './index.ts'

const hourMs = 3_600_000
const nowMs = Date.parse('2026-11-21T23:00:00Z')
const inHours = (hours: number): number => nowMs + hours * hourMs

const newKeys = (hours = 24) => createCertificateAuthority('local', { validMs: hours * hourMs, nowMs })
const authorityOf = async (hours?: number): Promise<Authority> =>
  createAuthority({ install: 'local', ...(await newKeys(hours)), nowMs: () => nowMs })

const parse = (pem: string) => new X509Certificate(pem)
const clientAuth = '1.3.6.1.5.5.7.3.2'
const serverAuth = '1.3.6.1.5.5.7.3.1'

describe('an authority', () => {
  it('is one for certificates, valid a little before it was made', async () => {
    const { certificatePem, keyPem } = await newKeys()
    const certificate = parse(certificatePem)
    expect(certificate.ca).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true)
    expect(Date.parse(certificate.validFrom)).toBe(nowMs - 5 * 60_000)
    expect(Date.parse(certificate.validTo)).toBe(inHours(24))
  })

  it('has a subject that no other has', async () => {
    const [one, other] = await Promise.all([newKeys(), newKeys()])
    expect(parse(one.certificatePem).subject).not.toBe(parse(other.certificatePem).subject)
  })

  it("signs with the one of its certificates that is the key's, and hands out all", async () => {
    const [old, next] = await Promise.all([newKeys(), newKeys()])
    const certificatePem = old.certificatePem + next.certificatePem
    const authority = createAuthority({ install: 'local', certificatePem, keyPem: next.keyPem, nowMs: () => nowMs })
    const issued = await authority.issueProxy('default~gw', { validMs: hourMs })
    expect(issued.caPem).toBe(certificatePem)
    expect(parse(issued.certificatePem).checkIssued(parse(next.certificatePem))).toBe(true)
    expect(parse(issued.certificatePem).checkIssued(parse(old.certificatePem))).toBe(false)
  })

  it('signs with the last to end of several certificates of its key', async () => {
    const keys = await makeKeys()
    const [old, renewed] = await Promise.all(
      [1, 24].map((hours) =>
        makeAuthorityCertificate('local', keys, { notBeforeMs: nowMs, notAfterMs: inHours(hours) }),
      ),
    )
    for (const certificatePem of [`${old}${renewed}`, `${renewed}${old}`]) {
      const options = { install: 'local', certificatePem, keyPem: privatePem(keys), nowMs: () => nowMs }
      expect(createAuthority(options)).toMatchObject({
        notAfterMs: inHours(24),
        signerPem: parse(renewed ?? '').toString(),
      })
    }
  })

  it('is none without the certificate of its key', async () => {
    const [one, other] = await Promise.all([newKeys(), newKeys()])
    const options = { install: 'local', ...one, keyPem: other.keyPem, nowMs: () => nowMs }
    expect(() => createAuthority(options)).toThrow('belongs to its key')
    expect(() => createAuthority({ ...options, certificatePem: 'none' })).toThrow('no certificate in PEM')
  })
})

describe('a certificate of an authority', () => {
  it('names a proxy by the identity of its fleet alone, for clients only', async () => {
    const authority = await authorityOf()
    const issued = await authority.issueProxy('default~gw', { validMs: hourMs })
    const certificate = parse(issued.certificatePem)
    expect(certificate.subjectAltName).toBe('URI:spiffe://local.penstock.dev/fleet/default/gw')
    expect(certificate.keyUsage).toEqual([clientAuth])
    expect(certificate.ca).toBe(false)
    expect(certificate.checkIssued(parse(authority.caPem))).toBe(true)
    expect(certificate.verify(parse(authority.caPem).publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(issued.keyPem))).toBe(true)
    expect(Object.keys(identityFiles(issued))).toEqual(['tls.crt', 'tls.key', 'ca.crt'])
  })

  it('names a service by its hosts and addresses, for servers, or for servers among their equals', async () => {
    const authority = await authorityOf()
    const names = ['xds-server.penstock-system.svc', 'localhost', '127.0.0.1', '::1']
    const certificate = parse((await authority.issueService(names, { validMs: hourMs })).certificatePem)
    expect(certificate.keyUsage).toEqual([serverAuth])
    const peer = parse((await authority.issueService(names, { validMs: hourMs, isPeer: true })).certificatePem)
    expect(peer.keyUsage).toEqual([serverAuth, clientAuth])
    expect(certificate.checkHost('xds-server.penstock-system.svc')).toBeDefined()
    expect(certificate.checkHost('other.penstock-system.svc')).toBeUndefined()
    expect(['127.0.0.1', '::1'].map((ip) => certificate.checkIP(ip))).toEqual(['127.0.0.1', '::1'])
  })

  it('holds from five minutes ago for as long as was asked, never longer than its authority', async () => {
    const authority = await authorityOf(2)
    const ends = async (hours: number): Promise<number[]> => {
      const { certificatePem, notBeforeMs, notAfterMs } = await authority.issueProxy('f', { validMs: hours * hourMs })
      const { validFrom, validTo } = parse(certificatePem)
      expect([Date.parse(validFrom), Date.parse(validTo)]).toEqual([notBeforeMs, notAfterMs])
      return [notBeforeMs, notAfterMs]
    }
    expect(await ends(1)).toEqual([nowMs - 5 * 60_000, inHours(1)])
    expect(await ends(3)).toEqual([nowMs - 5 * 60_000, inHours(2)])
  })

  it('has a number of its own, random, positive and not too long', async () => {
    const authority = await authorityOf()
    const issued = await Promise.all(Array.from({ length: 20 }, () => authority.issueProxy('f', { validMs: hourMs })))
    const numbers = issued.map(({ certificatePem }) => parse(certificatePem).serialNumber)
    expect(new Set(numbers).size).toBe(20)
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{31}$/)
  })

  it('is refused for a name that no fleet has', async () => {
    const authority = await authorityOf()
    await expect(authority.issueProxy('a/b', { validMs: hourMs })).rejects.toThrow('cannot be the name of a fleet')
  })
})
