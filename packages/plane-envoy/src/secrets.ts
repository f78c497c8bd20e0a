// Certificates by SDS: a renewed one changes no listener. The only place where a private key is open.
import type { Certificate, Sealed, TrustBundle } from '@penstock/ir'
import { Secret } from './gen/envoy/extensions/transport_sockets/tls/v3/secret.ts'
import { encodeResource, type Resource } from './resource.ts'

export type OpenKey = (sealed: Sealed) => string

/** Throws when the key cannot be opened; the last good secret then stays in force. */
export function emitSecret(name: string, { chainPem, keyPem }: Certificate, openKey: OpenKey): Resource {
  if (keyPem === undefined) throw new Error('a certificate without a key')
  return encodeResource(Secret, {
    name,
    type: {
      $case: 'tlsCertificate',
      value: {
        certificateChain: { specifier: { $case: 'inlineString', value: chainPem } },
        privateKey: { specifier: { $case: 'inlineString', value: openKey(keyPem) } },
      },
    },
  })
}

/** All of them together; without any there is nothing to trust, and no secret. */
export function emitTrust(name: string, bundles: readonly TrustBundle[]): Resource | undefined {
  if (bundles.length === 0) return undefined
  const pem = bundles.map((bundle) => bundle.pem).join('')
  return encodeResource(Secret, {
    name,
    type: {
      $case: 'validationContext',
      value: { trustedCa: { specifier: { $case: 'inlineString', value: pem } } },
    },
  })
}
