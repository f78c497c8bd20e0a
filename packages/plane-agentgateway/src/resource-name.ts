// The names under which the proxy knows what it gets, and by which it is told to forget it. Those of an Address are the
// proxy's own rule: a service is `<namespace>/<hostname>`, a workload its uid. The others are ours: `<kind>/<key>`, where a
// key says all that the proxy cannot change in place. No name of Kubernetes holds a "/" or a blank.
import type { Attachment, Backend, HttpRule } from '@penstock/ir'

/** One for each port, whoever listens on it. */
export const bindKey = (fleet: string, port: number): string => `${port}/${fleet}`

/**
 * `<namespace>/<gateway>/<section>/<port>`, of a ListenerSet `<namespace>/<gateway>/<namespace>/<set>/<section>/<port>`. The
 * port is part of it because the proxy would keep a listener that moved at its old port too.
 */
export function listenerKey({ listener, port }: Pick<Attachment, 'listener' | 'port'>): string {
  const [, namespace, gateway, kind, ownerNamespace, owner, section] = listener.split('/')
  const place = kind === 'Gateway' ? [namespace, gateway] : [namespace, gateway, ownerNamespace, owner]
  return [...place, section, port].join('/')
}

/**
 * The proxy's last word between two routes is the order of their keys, so it begins with what decides by then: the older
 * route, then its namespace and name, then the rule's place.
 */
export const routeKey = (rule: HttpRule, attachment: Attachment): string =>
  `${rule.precedence}/${rule.source?.kind}/${listenerKey(attachment)}`

/** Of a Service's port. */
export const tlsPolicyKey = ({ namespace, name, port }: Pick<Backend, 'namespace' | 'name' | 'port'>): string =>
  `${namespace}/${name}/${port}/tls`

export interface ServiceIdentity {
  readonly namespace: string
  readonly hostname: string
}

export const serviceOf = ({ namespace, name }: Pick<Backend, 'namespace' | 'name'>): ServiceIdentity => ({
  namespace,
  hostname: `${name}.${namespace}.svc.cluster.local`,
})

/** It has no endpoint, ever: requests to it are answered with 503. */
export const unavailable = { namespace: 'penstock', hostname: 'unavailable.penstock.internal', port: 80 } as const

export const serviceName = ({ namespace, hostname }: ServiceIdentity): string => `${namespace}/${hostname}`

/** Endpoints say nothing of the pod behind an address, and need not have one. */
export const workloadUid = (endpoint: { namespace: string; service: string; address: string }): string =>
  `Kubernetes/discovery.k8s.io/EndpointSlice/${endpoint.namespace}/${endpoint.service}/${endpoint.address}`

/** The name of the service that an address is one of; undefined for what is no such address. */
export function serviceOfAddress(name: string): string | undefined {
  const [, , kind, namespace = '', service = ''] = name.split('/')
  return kind === 'EndpointSlice' ? serviceName(serviceOf({ namespace, name: service })) : undefined
}

export const nameIn = (kind: 'bind' | 'listener' | 'policy' | 'route', key: string): string => `${kind}/${key}`
