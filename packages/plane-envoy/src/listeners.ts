// One Envoy listener for each port of a fleet. Law: it is made from listener records and from what the
// fleet says of requests, so no edit of a route changes a byte of it.
import { certificateKey, type Listener, type ListenerCase, type TerminatedHttp } from '@penstock/ir'
import { packAny } from './any.ts'
import { trustName, validateBySecret } from './backend-tls.ts'
import { chainName, emitChainMatcher } from './chain-matcher.ts'
import { byAds } from './config-source.ts'
import { emitConnectionManager } from './connection-manager.ts'
import { Listener as ListenerMessage } from './gen/envoy/config/listener/v3/listener.ts'
import type { FilterChain, ListenerFilter } from './gen/envoy/config/listener/v3/listener_components.ts'
import { TlsInspector } from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts'
import { CertificateValidationContext_TrustChainVerification } from './gen/envoy/extensions/transport_sockets/tls/v3/common.ts'
import type { DownstreamTlsContext } from './gen/envoy/extensions/transport_sockets/tls/v3/tls.ts'
import type { Site } from './redirects.ts'
import { encodeResource, type Resource } from './resource.ts'
import { servedName } from './scope-key.ts'
import { emitSharedChain } from './shared-chain.ts'
import type { TelemetryParts } from './telemetry.ts'
import { alpnProtocols, tlsSocket } from './tls-socket.ts'

/** What one port has. */
export interface Port {
  readonly number: number
  readonly address: string
  readonly protocol: ListenerCase
  /** Of that protocol, those that share a chain left out. */
  readonly listeners: readonly Listener[]
  readonly telemetry: TelemetryParts
  /** There is a shared chain; by these hostnames it must be named. */
  readonly sharing?: { readonly covered: readonly string[] }
  /** Whether a secret of this name is there to be asked for. */
  hasSecret(name: string): boolean
}

type Parts = Pick<ListenerMessage, 'filterChains' | 'filterChainMatcher' | 'listenerFilters'>

export const listenerProtocols: { readonly [C in ListenerCase]: (port: Port) => Parts } = {
  http: ({ number: port, telemetry }) => ({
    filterChains: [{ filters: [emitConnectionManager({ port, telemetry })] }],
  }),
  https: (port) => ({ listenerFilters: [tlsInspector], ...emitTlsChains(port) }),
}

export function emitListener(name: string, port: Port): Resource {
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
    ...listenerProtocols[port.protocol](port),
  })
}

type Ranked = Pick<Listener, 'precedence'>

export function byPrecedence(a: Ranked, b: Ranked): number {
  return a.precedence < b.precedence ? -1 : a.precedence > b.precedence ? 1 : 0
}

const schemes: { readonly [C in ListenerCase]: Site['scheme'] } = { http: 'http', https: 'https' }

export const siteOf = (listener: Listener): Site => ({ scheme: schemes[protocolOf(listener)], port: listener.port })

/** Under which name connections to a TLS listener are known. */
export function servedBy({ hostname, protocol }: Listener): string | undefined {
  return protocol?.$case === 'https' ? servedName(hostname, protocol.value.clientValidation !== undefined) : undefined
}

/** Where listeners of several protocols claim a port, the one with precedence decides. `sharers` are all HTTPS. */
export function protocolOn(listeners: readonly Listener[], sharers: readonly Ranked[]): ListenerCase {
  const claims = [
    ...listeners.map((listener) => ({ precedence: listener.precedence, protocol: protocolOf(listener) })),
    ...sharers.map(({ precedence }) => ({ precedence, protocol: 'https' as const })),
  ]
  return claims.sort(byPrecedence)[0]?.protocol ?? 'https'
}

export function protocolOf(listener: Listener): ListenerCase {
  if (listener.protocol === undefined) throw new Error('a listener without a protocol: of a newer schema')
  return listener.protocol.$case
}

function emitTlsChains(port: Port): Pick<Parts, 'filterChains' | 'filterChainMatcher'> {
  const chains = new Map<string, FilterChain>()
  for (const listener of [...port.listeners].sort(byPrecedence)) {
    if (!chains.has(listener.hostname)) chains.set(listener.hostname, emitTlsChain(port, listener))
  }
  const filterChains = [...chains.keys()].sort().map((hostname) => chains.get(hostname) as FilterChain)
  if (port.sharing === undefined) return { filterChains }
  return {
    filterChains: [...filterChains, emitSharedChain(port.number, port.telemetry)],
    filterChainMatcher: emitChainMatcher([...chains.keys()], port.sharing.covered),
  }
}

/**
 * A chain without filters closes its connections: a listener without a usable certificate takes no traffic and leaves
 * none to a less specific neighbour. The match counts where there is no shared chain; it stands there all the same, so
 * that the chain stays the same one.
 */
function emitTlsChain(port: Port, listener: Listener): FilterChain {
  const { hostname, protocol } = listener
  const chain: FilterChain = {
    name: chainName(hostname),
    filterChainMatch: hostname === '' ? {} : { serverNames: [hostname] },
  }
  if (protocol?.$case !== 'https') return chain
  const secrets = protocol.value.certificates.map(certificateKey).filter((name) => port.hasSecret(name))
  const trust = clientTrust(protocol.value)
  if (secrets.length === 0 || (trust !== undefined && !port.hasSecret(trust))) return chain
  return {
    ...chain,
    filters: [emitConnectionManager({ port: port.number, telemetry: port.telemetry, served: servedBy(listener) })],
    transportSocket: terminateTls(secrets, protocol.value),
  }
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
      alpnProtocols,
      ...(trust === undefined
        ? {}
        : {
            validationContextType: validateBySecret(trust, isLax ? { trustChainVerification: ACCEPT_UNTRUSTED } : {}),
          }),
    },
  }
  return tlsSocket(context)
}

const tlsInspector: ListenerFilter = {
  name: 'envoy.filters.listener.tls_inspector',
  configType: {
    $case: 'typedConfig',
    value: packAny('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector', TlsInspector, {}),
  },
}
