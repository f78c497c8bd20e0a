// IR records for tests of the plane, with all that a test does not name left at what is usual.
import {
  type Attachment,
  type Backend,
  BackendProtocol,
  backendKey,
  type Endpoints,
  endpointsKey,
  type HttpRule,
  httpRuleKey,
  type IrRecord,
  type Listener,
  listenerKey,
  type Source,
  trustBundleKey,
} from '@penstock/ir'

export const fleet = 'test'
const namespace = 'default'

export interface KeyedRecord {
  key: string
  record: IrRecord
}

const source = (kind: string, name: string): Source => ({
  ...{ group: '', kind, namespace, name },
  ...{ uid: `${kind}-${name}`, generation: 1 },
})

interface ListenerFields {
  port: number
  /** Default `test`. */
  fleet?: string
  hostname?: string
  certificate?: string
  /** The trust bundle whose clients it lets in. */
  clients?: string
  precedence?: string
}

/** Section `name` of the Gateway `gateway`; with a certificate's name it is HTTPS. */
export function listener(
  name: string,
  { port, fleet: of = fleet, hostname = '', certificate, clients, precedence = name }: ListenerFields,
) {
  const value: Listener = {
    source: source('Gateway', 'gateway'),
    ...{ fleet: of, gatewayNamespace: namespace, gatewayName: 'gateway', section: name },
    ...{ ownerKind: 'Gateway', ownerNamespace: namespace, ownerName: 'gateway' },
    ...{ port, hostname, precedence },
    protocol:
      certificate === undefined
        ? { $case: 'http', value: {} }
        : {
            $case: 'https',
            value: {
              certificates: [{ namespace, name: certificate }],
              ...(clients === undefined ? {} : { clientValidation: trusting(clients) }),
            },
          },
  }
  return { key: listenerKey(value), record: { kind: 'listener', value } as const }
}

const trusting = (name: string) => ({
  bundles: [{ kind: 'ConfigMap', namespace, name }],
  insecureFallback: false,
})

export function trustBundle(name: string, pem: string): KeyedRecord {
  const value = { source: source('ConfigMap', name), kind: 'ConfigMap', namespace, name, pem }
  return { key: trustBundleKey(value), record: { kind: 'trust_bundle', value } }
}

type AttachedListener = ReturnType<typeof listener>
/** Effective hostname, or with the route's own one where that differs. */
type Host = string | readonly [effective: string, own: string]

export function attachment({ key, record: { value } }: AttachedListener, ...hosts: Host[]): Attachment {
  const hostnames = hosts.map((host) => {
    const [hostname, routeHostname] = typeof host === 'string' ? [host, host] : host
    return { hostname, routeHostname }
  })
  return { fleet: value.fleet, port: value.port, listener: key, hostnames }
}

type RuleFields = Partial<Pick<HttpRule, 'matches' | 'filters' | 'backends' | 'timeouts' | 'precedence'>>

/** Rule "#0" of the HTTPRoute `name`. */
export function rule(name: string, attachments: Attachment[], fields: RuleFields): KeyedRecord {
  const value: HttpRule = {
    source: source('HTTPRoute', name),
    ...{ rule: '#0', attachments, precedence: name, matches: [prefix('/')], filters: [], backends: [] },
    ...fields,
  }
  return { key: httpRuleKey(source('HTTPRoute', name), '#0'), record: { kind: 'http_rule', value } }
}

export const prefix = (value: string) => match({ $case: 'prefix', value }, `2.${9999 - value.length}`)
export const exact = (value: string) => match({ $case: 'exact', value }, '0')

function match(path: NonNullable<HttpRule['matches'][number]['path']>, precedence: string) {
  return { precedence, path, method: '', headers: [], query: [], grpc: false }
}

/** The Service `name`, port 80. */
export const backendOf = (name: string): string =>
  backendKey({ kind: 'Service', namespace, name, port: 80, variant: '' })

export const to = (name: string, weight = 1): HttpRule['backends'][number] => ({
  ...{ weight, filters: [] },
  target: { $case: 'backend', value: backendOf(name) },
})

export const answering = (status: number, weight = 1): HttpRule['backends'][number] => ({
  ...{ weight, filters: [] },
  target: { $case: 'answer', value: status },
})

/** A Service and its one EndpointSlice, with ready endpoints at these ports of loopback. */
export function service(name: string, ports: readonly number[], protocol: BackendProtocol = http1): KeyedRecord[] {
  const value: Backend = {
    source: source('Service', name),
    ...{ kind: 'Service', namespace, name, port: 80, variant: '', protocol },
    discovery: { $case: 'service', value: { namespace, service: name, portName: 'http' } },
  }
  const slices = ports.map((port, index): KeyedRecord => {
    const slice: Endpoints = {
      source: source('EndpointSlice', `${name}-${index}`),
      ...{ namespace, name: `${name}-${index}`, service: name, addressType: 'IPv4' },
      ports: [{ name: 'http', port, protocol: 'TCP' }],
      endpoints: [{ addresses: ['127.0.0.1'], ready: true, serving: true, terminating: false, zone: '', node: '' }],
    }
    return { key: endpointsKey(slice), record: { kind: 'endpoints', value: slice } }
  })
  return [{ key: backendOf(name), record: { kind: 'backend', value } }, ...slices]
}

const http1 = BackendProtocol.BACKEND_PROTOCOL_HTTP1
