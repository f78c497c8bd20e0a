// What this plane can do, computed from its tables, so that what is claimed and what is emitted cannot differ.
import type { BackendProtocol, Capabilities } from '@penstock/ir'
import { backendProtocols } from './clusters.ts'
import { backendFilters, ruleFilters, unsupported } from './filters.ts'
import { listenerProtocols } from './listeners.ts'

export const agentgatewayCapabilities: Capabilities = {
  listeners: keysOf(listenerProtocols),
  filters: keysOf(ruleFilters),
  backendFilters: keysOf(backendFilters),
  backendProtocols: new Set(Object.keys(backendProtocols).map(Number) as BackendProtocol[]),
  features: new Set([
    'BackendTLSPolicy',
    'BackendTLSPolicySANValidation',
    'GatewayBackendClientCertificate',
    'GatewayFrontendClientCertificateValidation',
    'GatewayFrontendClientCertificateValidationInsecureFallback',
    // The proxy itself chooses the listener first, and then only among its routes.
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'HTTPRouteBackendProtocolWebSocket',
  ]),
}

function keysOf<K extends string>(table: { readonly [P in K]: unknown }): Set<K> {
  return new Set((Object.keys(table) as K[]).filter((key) => table[key] !== unsupported))
}
