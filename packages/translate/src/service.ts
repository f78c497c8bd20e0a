// Service: which of its ports a route can send HTTP or gRPC to (Gateway API: HTTPBackendRef, GRPCBackendRef; KEP-3726 for
// appProtocol).
import type { ConditionReason, ObjectName, Service, ServicePort } from '@penstock/gateway-api'
import { BackendProtocol, backendKey, type RequestCapabilities } from '@penstock/ir'
import type { Problem } from './problem.ts'

/** What a route sends. */
export type Use = 'http' | 'grpc'

/** What a route needs to know of a port: it is there, and why it cannot be used for what the route sends. */
export type PortCheck = { readonly [U in Use]?: Problem<ConditionReason<'RouteParent', 'ResolvedRefs'>> }

/** What others see of a port. */
export interface ServicePortFacts {
  /** `<namespace>/<name>` */
  readonly service: string
  readonly port: number
  /** Of a port that takes TCP; often empty where it is the only one. */
  readonly name: string
  /** Absent: it does not take TCP. */
  readonly facts?: ServicePort
}

/** Each under the key of the backend that it would be for HTTP. */
export function servicePorts(service: Service): readonly (readonly [string, ServicePortFacts])[] {
  const { namespace = '', name } = service.metadata
  // An ExternalName can point anywhere, past every namespace's borders (CVE-2021-25740).
  if (service.spec?.type === 'ExternalName') return []
  return [...new Set(service.spec?.ports?.map(({ port }) => port))].map((port) => {
    const facts = tcpPort(service, port)
    const of = { service: `${namespace}/${name}`, port, name: facts?.name ?? '' }
    return [serviceBackendKey({ namespace, name }, port), facts === undefined ? of : { ...of, facts }]
  })
}

/** `secured`: a policy says how connections to it are. */
export function checkPort(
  { service, port, facts }: ServicePortFacts,
  secured: boolean,
  plane: RequestCapabilities,
): PortCheck {
  const place = `Port ${port} of Service ${service}`
  const check = (use: Use): PortCheck => {
    const why = unfit(facts, use, secured, plane)
    return why === undefined ? {} : { [use]: { reason: 'UnsupportedProtocol', message: `${place} ${why}.` } }
  }
  return { ...check('http'), ...check('grpc') }
}

function unfit(
  facts: ServicePort | undefined,
  use: Use,
  secured: boolean,
  plane: RequestCapabilities,
): string | undefined {
  if (facts === undefined) return 'does not take TCP'
  if (!secured && speaksTls(facts)) {
    return `has the appProtocol ${facts.appProtocol}, so it needs a BackendTLSPolicy that says whom to trust`
  }
  const protocol = protocolOf(facts, use)
  if (protocol !== undefined && plane.backendProtocols.has(protocol) && speaks(facts, plane)) return undefined
  return `has the appProtocol ${facts.appProtocol}, which is not supported for ${useNames[use]}`
}

/** A port number can stand there once for each transport; HTTP needs TCP. */
export function tcpPort({ spec }: Service, port: number): ServicePort | undefined {
  return spec?.ports?.find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === 'TCP')
}

export function protocolOf({ appProtocol = '' }: ServicePort, use: Use): BackendProtocol | undefined {
  return appProtocols[use][appProtocol.toLowerCase()]
}

const speaksTls = ({ appProtocol = '' }: ServicePort): boolean =>
  ['https', 'kubernetes.io/wss'].includes(appProtocol.toLowerCase())

/** A web socket is HTTP/1.1 with an upgrade, which a plane must let pass. */
function speaks({ appProtocol = '' }: ServicePort, { features }: RequestCapabilities): boolean {
  return !/^kubernetes\.io\/wss?$/.test(appProtocol) || features.has('HTTPRouteBackendProtocolWebSocket')
}

/** What a Service speaks depends on the route too, so each use has a backend of its own. */
export function serviceBackendKey(
  { namespace, name }: Pick<ObjectName, 'namespace' | 'name'>,
  port: number,
  use: Use = 'http',
): string {
  return backendKey({ kind: 'Service', namespace, name, port, variant: use === 'http' ? '' : use })
}

/** Of a backend record. */
export const useOf = (variant: string): Use => (variant === 'grpc' ? 'grpc' : 'http')

const useNames: Readonly<Record<Use, string>> = { http: 'HTTP', grpc: 'gRPC' }

const { BACKEND_PROTOCOL_HTTP1: http1, BACKEND_PROTOCOL_H2C: h2c } = BackendProtocol

const appProtocols: Readonly<Record<Use, Readonly<Record<string, BackendProtocol>>>> = {
  http: {
    '': http1,
    http: http1,
    'kubernetes.io/ws': http1,
    // What comes with TLS says whom to trust in a BackendTLSPolicy.
    https: http1,
    'kubernetes.io/wss': http1,
    'kubernetes.io/h2c': h2c,
    // Not a registered name, but what services in the field say.
    grpc: h2c,
  },
  // gRPC is HTTP/2 whether or not the Service says so.
  grpc: { '': h2c, http: h2c, https: h2c, 'kubernetes.io/h2c': h2c, grpc: h2c },
}
