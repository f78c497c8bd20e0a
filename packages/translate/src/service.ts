// Service: which of its ports a route can send HTTP to (Gateway API: HTTPBackendRef; KEP-3726 for appProtocol).
import type { ConditionReason, ObjectName, Service, ServicePort } from '@penstock/gateway-api'
import { BackendProtocol, backendKey, type Capabilities } from '@penstock/ir'
import type { Problem } from './problem.ts'

/** What a route needs to know of a port: it is there, and why it cannot be used. */
export interface PortCheck {
  readonly problem?: Problem<ConditionReason<'RouteParent', 'ResolvedRefs'>>
}

/** One check for each port, under the key of the backend that it would be. */
export function servicePorts(service: Service, plane: Capabilities): readonly (readonly [string, PortCheck])[] {
  const { namespace = '', name } = service.metadata
  // An ExternalName can point anywhere, past every namespace's borders (CVE-2021-25740).
  if (service.spec?.type === 'ExternalName') return []
  return [...new Set(service.spec?.ports?.map(({ port }) => port))].map((port) => [
    serviceBackendKey({ namespace, name }, port),
    checkPort(service, port, plane),
  ])
}

function checkPort(service: Service, port: number, plane: Capabilities): PortCheck {
  const facts = tcpPort(service, port)
  const place = `Port ${port} of Service ${service.metadata.namespace}/${service.metadata.name}`
  const fail = (why: string): PortCheck => ({ problem: { reason: 'UnsupportedProtocol', message: `${place} ${why}.` } })
  if (facts === undefined) return fail('does not take TCP')
  const protocol = protocolOf(facts)
  if (protocol === undefined || !plane.backendProtocols.has(protocol) || !speaks(facts, plane)) {
    return fail(`has the appProtocol ${facts.appProtocol}, which is not supported for HTTP`)
  }
  return {}
}

/** A port number can stand there once for each transport; HTTP needs TCP. */
export function tcpPort({ spec }: Service, port: number): ServicePort | undefined {
  return spec?.ports?.find((entry) => entry.port === port && (entry.protocol ?? 'TCP') === 'TCP')
}

export function protocolOf({ appProtocol = '' }: ServicePort): BackendProtocol | undefined {
  return appProtocols[appProtocol.toLowerCase()]
}

/** A web socket is HTTP/1.1 with an upgrade, which a plane must let pass. */
function speaks({ appProtocol }: ServicePort, { features }: Capabilities): boolean {
  return appProtocol !== 'kubernetes.io/ws' || features.has('HTTPRouteBackendProtocolWebSocket')
}

export const serviceBackendKey = ({ namespace, name }: Pick<ObjectName, 'namespace' | 'name'>, port: number): string =>
  backendKey({ kind: 'Service', namespace, name, port, variant: '' })

const appProtocols: Readonly<Record<string, BackendProtocol>> = {
  '': BackendProtocol.BACKEND_PROTOCOL_HTTP1,
  http: BackendProtocol.BACKEND_PROTOCOL_HTTP1,
  'kubernetes.io/ws': BackendProtocol.BACKEND_PROTOCOL_HTTP1,
  'kubernetes.io/h2c': BackendProtocol.BACKEND_PROTOCOL_H2C,
  // Not a registered name, but what services in the field say.
  grpc: BackendProtocol.BACKEND_PROTOCOL_H2C,
}
