// Resources of the Gateway API and of core Kubernetes as we read them, and the specification's own rules, pure.
// Admission, which loads a schema compiler and CEL, has an entry of its own.
export {
  allowsNamespace,
  type NamespaceRule,
  type RouteKind,
  type SupportedKinds,
  supportedKinds,
} from './allowed-routes.ts'
export { type ClusterTrustBundle, clusterTrustBundleKind } from './cluster-trust-bundle.ts'
export {
  type Condition,
  type ConditionOwner,
  type ConditionReason,
  type ConditionStatus,
  type ConditionType,
  conditions,
} from './condition.ts'
export type { ConfigMap } from './config-map.ts'
export {
  bundleVersionAnnotation,
  type CustomResourceDefinition,
  channelAnnotation,
  customResourceDefinitionKind,
} from './custom-resource-definition.ts'
export { durationMs } from './duration.ts'
export {
  type Endpoint,
  type EndpointConditions,
  type EndpointPort,
  type EndpointSlice,
  serviceNameLabel,
} from './endpoint-slice.ts'
export { gatewayClassFinalizer } from './finalizer.ts'
export type {
  BackendObjectReference,
  BackendReference,
  BackendTlsPolicy,
  Cors,
  Gateway,
  GatewayClass,
  GatewayConfig,
  GatewayListener,
  GatewayTlsFrontend,
  GrpcMethodMatch,
  GrpcRoute,
  GrpcRouteMatch,
  GrpcRouteRule,
  HeaderModifier,
  HttpBackendReference,
  HttpHeader,
  HttpHeaderMatch,
  HttpPathMatch,
  HttpQueryParamMatch,
  HttpRoute,
  HttpRouteFilter,
  HttpRouteMatch,
  HttpRouteRule,
  ListenerSet,
  ListenerSetListener,
  ObjectReference,
  ParentReference,
  PathModifier,
  ReferenceGrant,
  RequestMirror,
  RequestRedirect,
  SessionPersistence,
  TcpRoute,
  TlsRoute,
  UdpRoute,
  UrlRewrite,
  XBackend,
  XBackendTrafficPolicy,
  XMesh,
  XTelemetryPolicy,
} from './gen/index.ts'
export {
  compareHostnames,
  coversHostname,
  intersectHostnames,
  normalizeHostname,
  wildcardsOver,
} from './hostname.ts'
export { apiVersionOf, type KindInfo, kindInfo, kinds } from './kinds.ts'
export { type LabelSelector, selects } from './label-selector.ts'
export { type Namespace, namespaceNameLabel } from './namespace.ts'
export type { ObjectMeta } from './object-meta.ts'
export {
  agePrecedence,
  grpcMatchPrecedence,
  matchPrecedence,
  type PrecedenceOfGrpcMatch,
  type PrecedenceOfMatch,
  rulePrecedence,
} from './precedence.ts'
export { mayRefer, type ReferenceFrom, type ReferenceTo } from './reference-grant.ts'
export { isOnlyForReferrers, references } from './references.ts'
export { regexMistake } from './regex.ts'
export type { Resource } from './resource.ts'
export { groupOf, type ObjectName, objectKey, parseObjectKey, resourceKey } from './resource-key.ts'
export type { CertificateFacts, SealedSecret, SealedText, SealedTls, Secret, TlsProblem } from './secret.ts'
export type { Service, ServicePort, ServiceSpec } from './service.ts'
export { type UnservedKind, unservedKind, unservedKindKey } from './unserved-kind.ts'
