// Certificates stand inline in what uses them. The only place where a private key is open.
import type { Certificate, Sealed, TrustBundle } from '@penstock/ir'

export type OpenKey = (sealed: Sealed) => string

/** PEM. */
export interface OpenCertificate {
  readonly cert: Uint8Array
  readonly key: Uint8Array
}

/** Throws when the key cannot be opened; what was made of the last good certificate then stays in force. */
export function openCertificate({ chainPem, keyPem }: Certificate, openKey: OpenKey): OpenCertificate {
  if (keyPem === undefined) throw new Error('a certificate without a key')
  return { cert: bytesOf(chainPem), key: bytesOf(openKey(keyPem)) }
}

/** All of them together; without any there is nothing to trust. */
export function joinTrust(bundles: readonly TrustBundle[]): Uint8Array | undefined {
  return bundles.length === 0 ? undefined : bytesOf(bundles.map(({ pem }) => pem).join(''))
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
