// One Envoy listener for each port of a fleet. Law: it is made from listener records alone, so no edit of a route
// changes a byte of it.
import { certificateKey, type Listener, type ListenerCase, type TerminatedHttp } from '@penstock/ir'
import { packAny } from './any.ts'
import { trustName, validateBySecret } from './backend-tls.ts'
import { byAds } from './config-source.ts'
import { emitConnectionManager } from './connection-manager.ts'
import { Listener as ListenerMessage } from './gen/envoy/config/listener/v3/listener.ts'
import type { FilterChain, ListenerFilter } from './gen/envoy/config/listener/v3/listener_components.ts'
import { TlsInspector } from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts'
import { CertificateValidationContext_TrustChainVerification } from './gen/envoy/extensions/transport_sockets/tls/v3/common.ts'
import { DownstreamTlsContext } from './gen/envoy/extensions/transport_sockets/tls/v3/tls.ts'
import type { Site } from './redirects.ts'
import { encodeResource, type Resource } from './resource.ts'

/** What one port has. */
export interface Port {
  readonly number: number
  readonly address: string
  readonly listeners: readonly Listener[]
  /** Whether a secret of this name is there to be asked for. */
  hasSecret(name: string): boolean
}

type Parts = Pick<ListenerMessage, 'filterChains' | 'listenerFilters'>

export const listenerProtocols: { readonly [C in ListenerCase]: (port: Port) => Parts } = {
  http: (port) => ({ filterChains: [{ filters: [emitConnectionManager(port.number)] }] }),
  https: (port) => ({ listenerFilters: [tlsInspector], filterChains: emitTlsChains(port) }),
}

/** Where listeners of several protocols claim the port, the one with precedence decides. */
export function emitListener(name: string, port: Port): Resource {
  const sorted = [...port.listeners].sort(byPrecedence)
  const protocol = protocolOf(sorted[0])
  const listeners = sorted.filter((listener) => protocolOf(listener) === protocol)
  return encodeResource(ListenerMessage, {
    name,
    address: {
      address: {
        $case: 'socketAddress',
        value: { address: port.address, portSpecifier: { $case: 'portValue', value: port.number } },
      },
    },
    // Envoy's advice for a proxy at the edge: a slow reader may hold this much memory, not 1 MiB.
    perConnectionBufferLimitBytes: 32_768,
    ...listenerProtocols[protocol]({ ...port, listeners }),
  })
}

export function byPrecedence(a: Listener, b: Listener): number {
  return a.precedence < b.precedence ? -1 : a.precedence > b.precedence ? 1 : 0
}

const schemes: { readonly [C in ListenerCase]: Site['scheme'] } = { http: 'http', https: 'https' }

export const siteOf = (listener: Listener): Site => ({ scheme: schemes[protocolOf(listener)], port: listener.port })

function protocolOf(listener: Listener | undefined): ListenerCase {
  if (listener?.protocol === undefined) throw new Error('a listener without a protocol: of a newer schema')
  return listener.protocol.$case
}

/** A chain for each hostname. NOTE: certificates on demand by SNI would make this one chain for all exact hostnames. */
function emitTlsChains(port: Port): FilterChain[] {
  const chains = new Map<string, FilterChain>()
  for (const { hostname, protocol } of port.listeners) {
    if (protocol?.$case !== 'https' || chains.has(hostname)) continue
    const secrets = protocol.value.certificates.map(certificateKey).filter((name) => port.hasSecret(name))
    const trust = clientTrust(protocol.value)
    const takesTraffic = secrets.length > 0 && (trust === undefined || port.hasSecret(trust))
    chains.set(hostname, {
      name: hostname === '' ? '*' : hostname,
      filterChainMatch: hostname === '' ? {} : { serverNames: [hostname] },
      // A chain without filters closes its connections: a listener without a usable certificate takes no traffic and
      // leaves none to a less specific neighbour.
      ...(takesTraffic
        ? {
            filters: [emitConnectionManager(port.number, hostname)],
            transportSocket: terminateTls(secrets, protocol.value),
          }
        : {}),
    })
  }
  return [...chains.keys()].sort().map((hostname) => chains.get(hostname) as FilterChain)
}

/** The names under which a listener's certificates, and those it trusts, are asked for. */
export function secretNames(tls: TerminatedHttp): string[] {
  const trust = clientTrust(tls)
  return [...tls.certificates.map(certificateKey), ...(trust === undefined ? [] : [trust])]
}

const clientTrust = ({ clientValidation }: TerminatedHttp): string | undefined =>
  clientValidation && trustName(clientValidation.bundles)

const { ACCEPT_UNTRUSTED } = CertificateValidationContext_TrustChainVerification

function terminateTls(secrets: readonly string[], tls: TerminatedHttp): NonNullable<FilterChain['transportSocket']> {
  const trust = clientTrust(tls)
  const isLax = tls.clientValidation?.insecureFallback === true
  const context: DownstreamTlsContext = {
    ...(trust === undefined ? {} : { requireClientCertificate: !isLax }),
    commonTlsContext: {
      tlsCertificateSdsSecretConfigs: secrets.map((name) => ({ name, sdsConfig: byAds })),
      alpnProtocols: ['h2', 'http/1.1'],
      ...(trust === undefined
        ? {}
        : {
            validationContextType: validateBySecret(trust, isLax ? { trustChainVerification: ACCEPT_UNTRUSTED } : {}),
          }),
    },
  }
  const type = 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'
  return {
    name: 'envoy.transport_sockets.tls',
    configType: { $case: 'typedConfig', value: packAny(type, DownstreamTlsContext, context) },
  }
}

const tlsInspector: ListenerFilter = {
  name: 'envoy.filters.listener.tls_inspector',
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', TlsInspector, {}),
  },
}
