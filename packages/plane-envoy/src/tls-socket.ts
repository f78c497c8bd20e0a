// How Envoy terminates TLS, whatever the certificates.
import { packAny } from './any.ts'
import type { TransportSocket } from './gen/envoy/config/core/v3/base.ts'
import { DownstreamTlsContext } from './gen/envoy/extensions/transport_sockets/tls/v3/tls.ts'

export const alpnProtocols = ['h2', 'http/1.1']

export function tlsSocket(context: DownstreamTlsContext): TransportSocket {
  const type = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'
  return {
    name: 'envoy.transport_sockets.tls',
    configType: { $case: 'typedConfig', value: packAny(type, DownstreamTlsContext, context) },
  }
}
