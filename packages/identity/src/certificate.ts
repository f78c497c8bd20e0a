// X.509 certificates (RFC 5280) as this installation makes them: P-256, one profile for each use.
// What `@peculiar/x509` needs to be loaded first.
import 'reflect-metadata'
import { KeyObject, type X509Certificate as Parsed, randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  type Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import type { Validity } from './validity.ts'

export type KeyPair = webcrypto.CryptoKeyPair

export const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

export const makeKeys = (): Promise<KeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

export const privatePem = ({ privateKey }: KeyPair): string =>
  KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString()

/** Its subject is one that no other authority has, so a bundle of two tells them apart. */
export async function makeAuthorityCertificate(install: string, keys: KeyPair, validity: Validity): Promise<string> {
  const extensions: Extension[] = [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
  ]
  const name = [{ O: ['Penstock'] }, { CN: [`${install} ${randomBytes(4).toString('hex')}`] }]
  const params = { name, keys, extensions, ...shared(validity) }
  return asPem(await X509CertificateGenerator.createSelfSigned(params, webcrypto))
}

export interface Issuer {
  readonly subject: Name
  readonly publicKey: webcrypto.CryptoKey
}

export const readIssuer = ({ raw, publicKey }: Parsed): Issuer => ({
  subject: new X509Certificate(raw).subjectName,
  publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
})

/** A peer is a server that asks its equals, and answers them. */
export type CertificateUse = 'client' | 'server' | 'peer'

const usages: Readonly<Record<CertificateUse, ExtendedKeyUsage[]>> = {
  client: [ExtendedKeyUsage.clientAuth],
  server: [ExtendedKeyUsage.serverAuth],
  peer: [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
}

export interface LeafOptions extends Validity {
  readonly use: CertificateUse
  readonly names: readonly JsonGeneralName[]
  readonly publicKey: webcrypto.CryptoKey
  readonly issuer: Issuer
  readonly signingKey: webcrypto.CryptoKey
}

/** Who it is stands in the alternative names alone: a common name ends at 64 characters and nothing reads it. */
export async function makeLeafCertificate(options: LeafOptions): Promise<string> {
  const { use, names, publicKey, issuer, signingKey } = options
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages[use]),
    new SubjectAlternativeNameExtension([...names]),
    await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
  ]
  const subject = [{ O: ['Penstock'] }, { CN: [use === 'client' ? 'proxy' : 'service'] }]
  const params = { subject, issuer: issuer.subject, publicKey, signingKey, extensions, ...shared(options) }
  return asPem(await X509CertificateGenerator.create(params, webcrypto))
}

const shared = ({ notBeforeMs, notAfterMs }: Validity) => ({
  notBefore: new Date(notBeforeMs),
  notAfter: new Date(notAfterMs),
  serialNumber: makeSerial(),
  signingAlgorithm,
})

/** 126 random bits, positive and never 0. */
function makeSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes.readUInt8(0) & 0x3f) | 0x40
  return bytes.toString('hex')
}

const asPem = (certificate: { toString(format: 'pem'): string }): string => `${certificate.toString('pem').trim()}\n`
