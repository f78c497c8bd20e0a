// Certificates by SDS: a renewed one changes no listener. The only place where a private key is open.
import type { Certificate, Sealed } from '@penstock/ir'
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
