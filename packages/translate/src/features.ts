// What the GatewayClass claims in status.supportedFeatures (Gateway API: pkg/features of v1.7.0): a feature is claimed
// when translate has the words for it and the plane says that it can do it.
import { BackendProtocol, type RequestCapabilities } from '@penstock/ir'

export interface Install {
  /** Who runs the proxies is ours too. */
  readonly managed: boolean
  /** ClusterTrustBundles can exist. */
  readonly servesTrustBundles: boolean
}

type Claim = (plane: RequestCapabilities, install: Install) => boolean

const claims: Readonly<Record<string, Claim>> = {
  ClusterTrustBundle: ({ features }, { servesTrustBundles }) =>
    servesTrustBundles &&
    features.has('BackendTLSPolicy') &&
    features.has('GatewayFrontendClientCertificateValidation'),
  Gateway: () => true,
  GatewayAddressEmpty: (_, { managed }) => managed,
  GatewayInfrastructure: (_, { managed }) => managed,
  GatewayPort8080: () => true,
  GatewayRouteHostnameIntersectionPrecedence: () => true,
  GatewayStaticAddresses: (_, { managed }) => managed,
  GRPCRoute: ({ listeners, backendProtocols }) =>
    listeners.has('http') && backendProtocols.has(BackendProtocol.BACKEND_PROTOCOL_H2C),
  GRPCRouteNamedRouteRule: () => true,
  GRPCRouteRequestHeaderModifier: ({ filters }) => filters.has('requestHeaders'),
  ListenerSet: () => true,
  ReferenceGrant: () => true,
  HTTPRoute: ({ listeners }) => listeners.has('http'),
  HTTPRouteBackendProtocolH2C: ({ backendProtocols }) => backendProtocols.has(BackendProtocol.BACKEND_PROTOCOL_H2C),
  HTTPRouteBackendRequestHeaderModification: ({ backendFilters }) => backendFilters.has('requestHeaders'),
  HTTPRouteBackendTimeout: () => true,
  HTTPRouteBackendURLRewrite: ({ backendFilters }) => backendFilters.has('urlRewrite'),
  HTTPRouteCORS: ({ filters }) => filters.has('cors'),
  HTTPRouteDestinationPortMatching: () => true,
  HTTPRouteHostRewrite: ({ filters }) => filters.has('urlRewrite'),
  HTTPRouteMethodMatching: () => true,
  HTTPRouteNamedRouteRule: () => true,
  HTTPRouteParentRefPort: () => true,
  HTTPRoutePathRedirect: ({ filters }) => filters.has('redirect'),
  HTTPRoutePathRewrite: ({ filters }) => filters.has('urlRewrite'),
  HTTPRoutePortRedirect: ({ filters }) => filters.has('redirect'),
  HTTPRouteQueryParamMatching: () => true,
  HTTPRouteRequestMirror: ({ filters }) => filters.has('mirror'),
  HTTPRouteRequestMultipleMirrors: ({ filters }) => filters.has('mirror'),
  HTTPRouteRequestPercentageMirror: ({ filters }) => filters.has('mirror'),
  HTTPRouteRequestTimeout: () => true,
  HTTPRouteResponseHeaderModification: ({ filters }) => filters.has('responseHeaders'),
  HTTPRouteRetryCodes: () => true,
  HTTPRouteRetryConnectionError: () => true,
  HTTPRouteSchemeRedirect: ({ filters }) => filters.has('redirect'),
  HTTPRoute303RedirectStatusCode: ({ filters }) => filters.has('redirect'),
  HTTPRoute307RedirectStatusCode: ({ filters }) => filters.has('redirect'),
  HTTPRoute308RedirectStatusCode: ({ filters }) => filters.has('redirect'),
}

/** Sorted, as the specification wants it. */
export function supportedFeatures(plane: RequestCapabilities, install: Install): string[] {
  const claimed = Object.keys(claims).filter((name) => claims[name]?.(plane, install))
  return [...new Set([...claimed, ...plane.features])].sort()
}
