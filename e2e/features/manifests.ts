// Kubernetes objects as a person would write them, in the shortest form that tests need, and as YAML.
import { stringify } from 'yaml'

export type Manifest = Readonly<Record<string, unknown>>

const gatewayApi = 'gateway.networking.k8s.io/v1'

export const yamlOf = (...manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => `---\n${stringify(manifest, { aliasDuplicateObjects: false })}`).join('')

export function gatewayClass(): Manifest {
  const spec = { controllerName: 'penstock.dev/gateway-controller' }
  return { apiVersion: gatewayApi, kind: 'GatewayClass', metadata: { name: 'penstock' }, spec }
}

export interface ListenerSpec {
  name: string
  port: number
  hostname?: string
  /** The name of a Secret makes it an HTTPS listener. */
  secret?: string
}

export const gateway = (...listeners: readonly ListenerSpec[]): Manifest => gatewayNamed('gw', ...listeners)

export function gatewayNamed(name: string, ...listeners: readonly ListenerSpec[]): Manifest {
  const spec = { gatewayClassName: 'penstock', listeners: listeners.map(listener) }
  return { apiVersion: gatewayApi, kind: 'Gateway', metadata: { name }, spec }
}

function listener({ name, port, hostname, secret }: ListenerSpec): Manifest {
  return {
    name,
    port,
    protocol: secret === undefined ? 'HTTP' : 'HTTPS',
    ...(hostname === undefined ? {} : { hostname }),
    ...(secret === undefined ? {} : { tls: { certificateRefs: [{ name: secret }] } }),
  }
}

export interface RouteSpec {
  host?: string
  /** A prefix; default `/`. */
  path?: string
  /** Service names with their weights; default `v1` alone. */
  backends?: Readonly<Record<string, number>>
  /** Set on every answer. */
  answerHeaders?: Readonly<Record<string, string>>
}

export function httpRoute(name: string, routeSpec: RouteSpec = {}): Manifest {
  const { host, path = '/', backends = { v1: 1 }, answerHeaders } = routeSpec
  const set = Object.entries(answerHeaders ?? {}).map(([header, value]) => ({ name: header, value }))
  const rule = {
    matches: [{ path: { type: 'PathPrefix', value: path } }],
    ...(answerHeaders && { filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { set } }] }),
    backendRefs: Object.entries(backends).map(([service, weight]) => ({ name: service, port: 80, weight })),
  }
  const spec = {
    parentRefs: [{ name: 'gw' }],
    ...(host === undefined ? {} : { hostnames: [host] }),
    rules: [rule],
  }
  return { apiVersion: gatewayApi, kind: 'HTTPRoute', metadata: { name }, spec }
}

/** `appProtocol`: what it speaks, if not HTTP/1.1. */
export function service(name: string, appProtocol?: string): Manifest {
  const port = { name: 'http', port: 80, ...(appProtocol !== undefined && { appProtocol }) }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [port] } }
}

/** Where a service runs: ports of loopback. */
export function endpointSlice(name: string, port: number): Manifest {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  }
}

export function tlsSecret(name: string, { chainPem, keyPem }: { chainPem: string; keyPem: string }): Manifest {
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64')
  const data = { 'tls.crt': base64(chainPem), 'tls.key': base64(keyPem) }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/tls', data }
}
