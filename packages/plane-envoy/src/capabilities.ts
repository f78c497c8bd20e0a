// What this plane can do, computed from its tables, so that what is claimed and what is emitted cannot differ.
import { type BackendProtocol, type Capabilities, supportedCases } from '@penstock/ir'
import { backendProtocols } from './clusters.ts'
import { backendFilters, ruleFilters } from './filters.ts'
import { formatProblem } from './format-words.ts'
import { listenerProtocols } from './listeners.ts'
import { logComponents } from './log-components.ts'

export const envoyCapabilities: Capabilities = {
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
    'GatewayHTTPListenerIsolation',
    'GatewayHTTPSListenerDetectMisdirectedRequests',
    'HTTPRouteBackendProtocolWebSocket',
  ]),
  proxies: {
    logComponents,
    accessLogs: {
      sinks: new Map([
        ['standardOutput', Number.POSITIVE_INFINITY],
        ['file', Number.POSITIVE_INFINITY],
        ['openTelemetry', Number.POSITIVE_INFINITY],
      ]),
      formats: new Set(['text', 'fields']),
      problemOf: formatProblem,
    },
    tracing: new Set(['samplingPercent', 'serviceName', 'tags']),
    // Lists are replaced as a whole, and in these stand the server, the port for probes, and limits.
    ownBootstrap: [
      ...['node.id', 'node.cluster', 'node.metadata', 'admin.address', 'dynamic_resources'],
      ...['static_resources', 'layered_runtime.layers'],
    ],
  },
}
