// The filter chain that exact hostnames of a port share. Envoy asks for a secret named like the SNI during the handshake.
import { packAny } from './any.ts'
import { sharedChainName } from './chain-matcher.ts'
import { byAds } from './config-source.ts'
import { emitConnectionManager } from './connection-manager.ts'
import type { FilterChain } from './gen/envoy/config/listener/v3/listener_components.ts'
import { SNI } from './gen/envoy/extensions/transport_sockets/tls/cert_mappers/sni/v3/config.ts'
import { Config } from './gen/envoy/extensions/transport_sockets/tls/cert_selectors/on_demand_secret/v3/config.ts'
import type { DownstreamTlsContext } from './gen/envoy/extensions/transport_sockets/tls/v3/tls.ts'
import type { TelemetryParts } from './telemetry.ts'
import { alpnProtocols, tlsSocket } from './tls-socket.ts'

/** Longer than any handshake that gets an answer; what nobody answers ends here. */
const handshakeTimeout = { seconds: 15n }

export function emitSharedChain(port: number, telemetry: TelemetryParts): FilterChain {
  const tls = 'envoy.extensions.transport_sockets.tls'
  const selector = packAny(`${tls}.cert_selectors.on_demand_secret.v3.Config`, Config, {
    configSource: byAds,
    // The chain's match lets no connection without a name in; Envoy wants a default all the same.
    certificateMapper: {
      name: 'sni',
      typedConfig: packAny(`${tls}.cert_mappers.sni.v3.SNI`, SNI, { defaultValue: '*' }),
    },
  })
  const context: DownstreamTlsContext = {
    commonTlsContext: {
      customTlsCertificateSelector: { name: 'on-demand', typedConfig: selector },
      alpnProtocols,
    },
    // Envoy takes the selector only so: a session would not know which certificate it belongs to.
    sessionTicketKeysType: { $case: 'disableStatelessSessionResumption', value: true },
    disableStatefulSessionResumption: true,
  }
  return {
    name: sharedChainName,
    transportSocketConnectTimeout: handshakeTimeout,
    filters: [emitConnectionManager({ port, telemetry, served: '%REQUESTED_SERVER_NAME%' })],
    transportSocket: tlsSocket(context),
  }
}
