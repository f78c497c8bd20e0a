// The neutral model: what the translator says and every plane reads. No word of a proxy in here.
export {
  type AccessLogFormat,
  type AccessLogSink,
  type Capabilities,
  type HttpFilterCase,
  type ListenerCase,
  type PlaneName,
  type ProxyCapabilities,
  type RequestCapabilities,
  supportedCases,
  unsupported,
} from './capabilities.ts'
export { Commit, type CommitInput } from './gen/penstock/bus/v1/commit.ts'
export {
  type AssignedAddress,
  Feedback,
  type Infrastructure,
  type ProxyState,
  type Rejection,
} from './gen/penstock/bus/v1/feedback.ts'
export {
  type Autoscaling,
  type DisruptionBudget,
  Infra,
  type InfraPort,
  type Logging,
  type Overlay,
  type PodParameters,
  type ProxyParameters,
  type ServiceParameters,
  Transport,
} from './gen/penstock/bus/v1/infra.ts'
export { Presence, type Reading } from './gen/penstock/bus/v1/presence.ts'
export {
  type Condition,
  type ListenerStatus,
  type ParentStatus,
  type RouteKind,
  Status,
} from './gen/penstock/bus/v1/status.ts'
export {
  Backend,
  BackendProtocol,
  type BackendTls,
  type Endpoint,
  type EndpointPort,
  Endpoints,
  type ServiceEndpoints,
  type SubjectName,
} from './gen/penstock/ir/v1/backend.ts'
export { Certificate, type CertificateFacts, type Sealed } from './gen/penstock/ir/v1/certificate.ts'
export {
  type AccessLog,
  Fleet,
  Gateway,
  type LogFields,
  type RequestedAddress,
  type Telemetry,
  type TelemetryEndpoint,
  type Tracing,
} from './gen/penstock/ir/v1/fleet.ts'
export {
  type Cors,
  type HeaderEdit,
  type HeaderValue,
  type HttpFilter,
  type Mirror,
  type PathEdit,
  type Redirect,
  type Session,
  type UrlRewrite,
} from './gen/penstock/ir/v1/http_filter.ts'
export { type HeaderMatch, type HttpMatch, type QueryMatch } from './gen/penstock/ir/v1/http_match.ts'
export {
  type Attachment,
  type EffectiveHostname,
  type HttpRetry,
  HttpRule,
  type HttpTimeouts,
  type WeightedBackend,
} from './gen/penstock/ir/v1/http_rule.ts'
export {
  type CertificateReference,
  type ClientValidation,
  Listener,
  type PlainHttp,
  type TerminatedHttp,
} from './gen/penstock/ir/v1/listener.ts'
export { type Source } from './gen/penstock/ir/v1/source.ts'
export { TrustBundle, type TrustBundleReference } from './gen/penstock/ir/v1/trust_bundle.ts'
export { backendsNamedBy, withBackends } from './http-rule-backends.ts'
export { decodeIrRecord, encodeIrRecord, type IrKind, type IrRecord, irKinds } from './ir-record.ts'
export type { FleetChange, Plane, RecordChange } from './plane.ts'
export { defaultDrainSeconds, unsetParameters } from './proxy-parameters.ts'
export {
  backendKey,
  certificateKey,
  endpointsKey,
  fleetKey,
  gatewayKey,
  gatewayOfListener,
  httpRuleKey,
  kindOf,
  listenerKey,
  sourceKey,
  trustBundleKey,
} from './record-key.ts'
