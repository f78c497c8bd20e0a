// PEM files with one certificate or several: what is trusted, two while one takes over from the other.
import { type KeyObject, X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Throws if there is none, or one that cannot be read. */
export function readBundle(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(block) ?? []
  if (blocks.length === 0) throw new RangeError('no certificate in PEM')
  return blocks.map((one) => new X509Certificate(one))
}

/** The certificate that is this key's, of several (one was renewed) the last to end; undefined: none is. */
export const certificateOf = (bundle: readonly X509Certificate[], key: KeyObject): X509Certificate | undefined =>
  bundle
    .filter((certificate) => certificate.checkPrivateKey(key))
    .toSorted((a, b) => notAfterMs(b) - notAfterMs(a))
    .at(0)

/** Whether one of these signed it; what else makes it good is not asked. */
export const isIssuedBy = (certificate: X509Certificate, bundlePem: string): boolean =>
  readBundle(bundlePem).some((ca) => certificate.checkIssued(ca) && certificate.verify(ca.publicKey))

export const notAfterMs = (certificate: X509Certificate): number => Date.parse(certificate.validTo)
