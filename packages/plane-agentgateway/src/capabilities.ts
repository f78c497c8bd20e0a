// What this plane can do, computed from its tables, so that what is claimed and what is emitted cannot differ.
import { type BackendProtocol, type Capabilities, supportedCases } from '@penstock/ir'
import { backendProtocols } from './clusters.ts'
import { backendFilters, ruleFilters } from './filters.ts'
import { listenerProtocols } from './listeners.ts'

export const agentgatewayCapabilities: Capabilities = {
  listeners: supportedCases(listenerProtocols),
  filters: supportedCases(ruleFilters),
  backendFilters: supportedCases(backendFilters),
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
