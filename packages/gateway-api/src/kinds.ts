// Every kind that Penstock may read: how the API server names it and which versions of it are served. The Gateway API
// rows repeat what the CRDs of v1.7.0 (experimental) and ours say, which a test holds against them.
import { clusterTrustBundleKind } from './cluster-trust-bundle.ts'

export interface KindInfo {
  /** Empty for the core group. */
  readonly group: string
  readonly kind: string
  readonly plural: string
  /** Served versions; the first is the one that we read and that everything of ours is written for. */
  readonly versions: readonly [string, ...string[]]
  readonly namespaced: boolean
}

const gatewayGroup = 'gateway.networking.k8s.io'
const experimentalGroup = 'gateway.networking.x-k8s.io'

export const kinds = [
  { group: '', kind: 'Namespace', plural: 'namespaces', versions: ['v1'], namespaced: false },
  { group: '', kind: 'Service', plural: 'services', versions: ['v1'], namespaced: true },
  { group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices', versions: ['v1'], namespaced: true },
  { group: '', kind: 'Secret', plural: 'secrets', versions: ['v1'], namespaced: true },
  { group: '', kind: 'ConfigMap', plural: 'configmaps', versions: ['v1'], namespaced: true },
  clusterTrustBundleKind,
  {
    group: gatewayGroup,
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    versions: ['v1', 'v1beta1'],
    namespaced: false,
  },
  { group: gatewayGroup, kind: 'Gateway', plural: 'gateways', versions: ['v1', 'v1beta1'], namespaced: true },
  { group: gatewayGroup, kind: 'ListenerSet', plural: 'listenersets', versions: ['v1'], namespaced: true },
  { group: gatewayGroup, kind: 'HTTPRoute', plural: 'httproutes', versions: ['v1', 'v1beta1'], namespaced: true },
  { group: gatewayGroup, kind: 'GRPCRoute', plural: 'grpcroutes', versions: ['v1'], namespaced: true },
  {
    group: gatewayGroup,
    kind: 'TLSRoute',
    plural: 'tlsroutes',
    versions: ['v1', 'v1alpha3', 'v1alpha2'],
    namespaced: true,
  },
  { group: gatewayGroup, kind: 'TCPRoute', plural: 'tcproutes', versions: ['v1', 'v1alpha2'], namespaced: true },
  { group: gatewayGroup, kind: 'UDPRoute', plural: 'udproutes', versions: ['v1', 'v1alpha2'], namespaced: true },
  {
    group: gatewayGroup,
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    versions: ['v1', 'v1beta1'],
    namespaced: true,
  },
  {
    group: gatewayGroup,
    kind: 'BackendTLSPolicy',
    plural: 'backendtlspolicies',
    versions: ['v1', 'v1alpha3'],
    namespaced: true,
  },
  { group: experimentalGroup, kind: 'XBackend', plural: 'xbackends', versions: ['v1alpha1'], namespaced: true },
  {
    group: experimentalGroup,
    kind: 'XBackendTrafficPolicy',
    plural: 'xbackendtrafficpolicies',
    versions: ['v1alpha1'],
    namespaced: true,
  },
  {
    group: experimentalGroup,
    kind: 'XTelemetryPolicy',
    plural: 'xtelemetrypolicies',
    versions: ['v1alpha1'],
    namespaced: true,
  },
  { group: experimentalGroup, kind: 'XMesh', plural: 'xmeshes', versions: ['v1alpha1'], namespaced: false },
  { group: 'penstock.dev', kind: 'GatewayConfig', plural: 'gatewayconfigs', versions: ['v1alpha1'], namespaced: true },
] as const satisfies readonly KindInfo[]

const byName = new Map<string, KindInfo>(kinds.map((info) => [`${info.group}/${info.kind}`, info]))

export function kindInfo(group: string, kind: string): KindInfo | undefined {
  return byName.get(`${group}/${kind}`)
}

/** `gateway.networking.k8s.io/v1` or, in the core group, `v1`; the preferred version unless another is named. */
export function apiVersionOf(info: KindInfo, version: string = info.versions[0]): string {
  return info.group === '' ? version : `${info.group}/${version}`
}
