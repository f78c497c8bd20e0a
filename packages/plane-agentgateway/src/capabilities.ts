// What this plane can do, computed from its tables, so that what is claimed and what is emitted cannot differ.
import { type BackendProtocol, type Capabilities, supportedCases } from '@penstock/ir'
import { backendProtocols } from './clusters.ts'
import { expressionProblem } from './expressions.ts'
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
  proxies: {
    // Whatever module a filter of its log names, it takes.
    accessLogs: {
      // Its log has one line for each request, which fields can be added to, and one collector hears of it.
      sinks: new Map([
        ['standardOutput', 1],
        ['openTelemetry', 1],
      ]),
      formats: new Set(['fields']),
      problemOf: expressionProblem,
    },
    tracing: new Set(['samplingPercent', 'serviceName', 'tags']),
    ownBootstrap: [
      ...['xds_address', 'xds_auth_token', 'ca_address', 'ca_auth_token', 'namespace', 'gateway', 'local_xds_path'],
      ...['admin_addr', 'readiness_addr'],
    ].map((field) => `config.${field}`),
  },
}
