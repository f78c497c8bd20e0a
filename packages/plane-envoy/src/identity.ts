// How an Envoy shows its xds-server who it is, and knows it: mutual TLS from files that are replaced while it runs. Envoy
// reads certificates anew only where they come as secrets, so two files more name them as secrets.
import { isIP } from 'node:net'

export interface IdentityOptions {
  /** What the server's certificate must name. */
  readonly serverName: string
  /** Where the two files of `secretFiles` are. */
  readonly folder: string
}

const tlsTypes = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3'
const [certificateFile, trustFile] = ['xds-certificate.json', 'xds-trust.json'] as const

/** By name: they point at `tls.crt`, `tls.key` and `ca.crt` in `identityFolder`, which is replaced as a whole. */
export function secretFiles(identityFolder: string): Record<string, string> {
  const at = (file: string) => ({ filename: `${identityFolder}/${file}` })
  const watched = { watched_directory: { path: identityFolder } }
  const secret = (name: string, content: object): string =>
    JSON.stringify({ resources: [{ '@type': `${tlsTypes}.Secret`, name, ...content }] })
  return {
    [certificateFile]: secret(certificateFile, {
      tls_certificate: { certificate_chain: at('tls.crt'), private_key: at('tls.key'), ...watched },
    }),
    [trustFile]: secret(trustFile, { validation_context: { trusted_ca: at('ca.crt'), ...watched } }),
  }
}

export function identitySocket({ serverName, folder }: IdentityOptions) {
  const from = (file: string) => ({
    name: file,
    sds_config: { path_config_source: { path: `${folder}/${file}` }, resource_api_version: 'V3' },
  })
  // An address is never asked for by name (RFC 6066 section 3).
  const isAddress = isIP(serverName) !== 0
  const named = { san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: serverName } }
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': `${tlsTypes}.UpstreamTlsContext`,
      ...(isAddress ? {} : { sni: serverName }),
      common_tls_context: {
        alpn_protocols: ['h2'],
        // Left to itself Envoy asks for nothing above 1.2.
        tls_params: { tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
        tls_certificate_sds_secret_configs: [from(certificateFile)],
        combined_validation_context: {
          default_validation_context: { match_typed_subject_alt_names: [named] },
          validation_context_sds_secret_config: from(trustFile),
        },
      },
    },
  }
}
