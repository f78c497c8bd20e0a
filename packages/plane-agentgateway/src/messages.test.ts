// The numbers on the wire, row by row as the proxy's own tables have them (v1.4.1): a message in which one field is set
// begins with that field's number.
import { describe, expect, it } from '@jest/globals'
import * as policy from './gen/agentgateway/policy.ts'
import * as reference from './gen/agentgateway/reference.ts'
import * as resource from './gen/agentgateway/resource.ts'
import * as route from './gen/agentgateway/route.ts'
import * as workload from './gen/agentgateway/workload.ts'

interface Codec {
  encode(message: never): { finish(): Uint8Array }
  decode(bytes: Uint8Array): object
}

const bytes = new Uint8Array([1])
const one = (kind: string, value: unknown = {}) => ({ kind: { $case: kind, value } })
const modules = { ...policy, ...reference, ...resource, ...route, ...workload } as unknown as Record<string, Codec>

/** Of each message: a field with a value, and its number. */
const table: Readonly<Record<string, readonly (readonly [object, number])[]>> = {
  Resource: [
    [one('bind'), 1],
    [one('listener'), 2],
    [one('route'), 3],
    [one('policy'), 5],
  ],
  Bind: [
    [{ key: 'k' }, 1],
    [{ port: 80 }, 2],
    [{ protocol: 2 }, 3],
  ],
  Listener: [
    [{ key: 'k' }, 1],
    [{ bindKey: 'k' }, 2],
    [{ name: {} }, 3],
    [{ hostname: 'h' }, 4],
    [{ protocol: 2 }, 5],
    [{ tls: {} }, 6],
  ],
  ListenerName: [
    [{ gatewayName: 'n' }, 1],
    [{ gatewayNamespace: 'n' }, 2],
    [{ listenerName: 'n' }, 3],
    [{ listenerSet: {} }, 4],
  ],
  ResourceName: [
    [{ name: 'n' }, 1],
    [{ namespace: 'n' }, 2],
  ],
  TlsConfig: [
    [{ cert: bytes }, 1],
    [{ privateKey: bytes }, 2],
    [{ root: bytes }, 3],
    [{ mtlsMode: 1 }, 7],
  ],
  Route: [
    [{ key: 'k' }, 1],
    [{ listenerKey: 'k' }, 2],
    [{ name: {} }, 3],
    [{ hostnames: ['h'] }, 5],
    [{ matches: [{}] }, 6],
    [{ backends: [{}] }, 7],
    [{ trafficPolicies: [{}] }, 8],
  ],
  RouteName: [
    [{ kind: 'k' }, 1],
    [{ name: 'n' }, 2],
    [{ namespace: 'n' }, 3],
    [{ ruleName: 'r' }, 4],
  ],
  RouteMatch: [
    [{ path: {} }, 1],
    [{ headers: [{}] }, 2],
    [{ method: {} }, 3],
    [{ queryParams: [{}] }, 4],
  ],
  PathMatch: [
    [one('exact', '/'), 1],
    [one('pathPrefix', '/'), 2],
    [one('regex', '/'), 3],
  ],
  HeaderMatch: [
    [{ name: 'n' }, 1],
    [{ value: { $case: 'exact', value: 'v' } }, 2],
    [{ value: { $case: 'regex', value: 'v' } }, 3],
  ],
  QueryMatch: [
    [{ name: 'n' }, 1],
    [{ value: { $case: 'exact', value: 'v' } }, 2],
    [{ value: { $case: 'regex', value: 'v' } }, 3],
  ],
  MethodMatch: [[{ exact: 'GET' }, 1]],
  RouteBackend: [
    [{ backend: {} }, 1],
    [{ weight: 1 }, 2],
    [{ backendPolicies: [{}] }, 5],
  ],
  BackendReference: [
    [one('service'), 1],
    [{ port: 80 }, 3],
  ],
  ServiceName: [
    [{ namespace: 'n' }, 1],
    [{ hostname: 'h' }, 2],
  ],
  Policy: [
    [{ key: 'k' }, 1],
    [{ name: {} }, 2],
    [{ target: {} }, 3],
    [one('backend'), 5],
  ],
  TypedResourceName: [
    [{ name: 'n' }, 1],
    [{ namespace: 'n' }, 2],
    [{ kind: 'k' }, 3],
  ],
  PolicyTarget: [[one('service'), 4]],
  ServiceTarget: [
    [{ namespace: 'n' }, 1],
    [{ hostname: 'h' }, 2],
    [{ port: 80 }, 3],
  ],
  TrafficPolicySpec: [
    [one('timeout'), 2],
    [one('retry'), 3],
    [one('requestHeaderModifier'), 12],
    [one('responseHeaderModifier'), 13],
    [one('requestRedirect'), 14],
    [one('urlRewrite'), 15],
    [one('requestMirror'), 16],
    [one('directResponse'), 17],
    [one('cors'), 18],
  ],
  BackendPolicySpec: [
    [one('backendTls'), 3],
    [one('requestHeaderModifier'), 8],
    [one('responseHeaderModifier'), 9],
    [one('requestMirror'), 11],
    [one('backendHttp'), 12],
  ],
  Timeout: [
    [{ request: {} }, 1],
    [{ backendRequest: {} }, 2],
  ],
  Retry: [
    [{ retryStatusCodes: [503] }, 1],
    [{ attempts: 1 }, 2],
    [{ backoff: {} }, 3],
  ],
  HeaderModifier: [
    [{ add: [{}] }, 1],
    [{ set: [{}] }, 2],
    [{ remove: ['n'] }, 3],
  ],
  Header: [
    [{ name: 'n' }, 1],
    [{ value: 'v' }, 2],
  ],
  RequestRedirect: [
    [{ scheme: 'https' }, 1],
    [{ host: 'h' }, 2],
    [{ path: { $case: 'full', value: '/' } }, 3],
    [{ path: { $case: 'prefix', value: '' } }, 4],
    [{ port: 80 }, 5],
    [{ status: 301 }, 6],
  ],
  UrlRewrite: [
    [{ host: 'h' }, 1],
    [{ path: { $case: 'full', value: '/' } }, 2],
    [{ path: { $case: 'prefix', value: '' } }, 3],
  ],
  RequestMirrors: [[{ mirrors: [{}] }, 1]],
  Mirror: [
    [{ backend: {} }, 1],
    [{ percentage: 50 }, 2],
  ],
  DirectResponse: [[{ status: 500 }, 1]],
  Cors: [
    [{ allowCredentials: true }, 1],
    [{ allowHeaders: ['n'] }, 2],
    [{ allowMethods: ['GET'] }, 3],
    [{ allowOrigins: ['*'] }, 4],
    [{ exposeHeaders: ['n'] }, 5],
    [{ maxAge: {} }, 6],
  ],
  BackendTls: [
    [{ cert: bytes }, 1],
    [{ key: bytes }, 2],
    [{ root: bytes }, 3],
    [{ hostname: 'h' }, 5],
    [{ verifySubjectAltNames: ['n'] }, 6],
  ],
  BackendHttp: [[{ version: 2 }, 1]],
  Address: [
    [{ type: { $case: 'workload', value: {} } }, 1],
    [{ type: { $case: 'service', value: {} } }, 2],
  ],
  Service: [
    [{ name: 'n' }, 1],
    [{ namespace: 'n' }, 2],
    [{ hostname: 'h' }, 3],
    [{ ports: [{}] }, 5],
  ],
  Port: [
    [{ servicePort: 80 }, 1],
    [{ targetPort: 80 }, 2],
    [{ appProtocol: 2 }, 3],
  ],
  Workload: [
    [{ name: 'n' }, 1],
    [{ namespace: 'n' }, 2],
    [{ addresses: [bytes] }, 3],
    [{ node: 'n' }, 9],
    [{ status: 1 }, 17],
    [{ uid: 'u' }, 20],
    [{ services: { 'n/h': {} } }, 22],
    [{ locality: {} }, 24],
  ],
  PortList: [[{ ports: [{}] }, 1]],
  Locality: [
    [{ region: 'r' }, 1],
    [{ zone: 'z' }, 2],
  ],
}

const rows = Object.entries(table).flatMap(([message, fields]) =>
  fields.map(([field, number]) => [message, JSON.stringify(field), number, field] as const),
)

describe('the messages on the wire', () => {
  it.each(rows)('%s %s has the number %d', (message, _, number, field) => {
    const codec = modules[message]
    const [tag = 0, more = 0] = codec?.encode(field as never).finish() ?? []
    expect(((tag & 0x7f) | ((more & (tag > 0x7f ? 0x7f : 0)) << 7)) >> 3).toBe(number)
  })

  it('are all in the table', () => {
    const messages = Object.keys(modules).filter((name) => typeof modules[name]?.encode === 'function')
    // Entries of a map have no fields of their own.
    expect(messages.filter((name) => !(name in table) && !name.includes('_'))).toEqual([])
  })

  it.each([
    [resource.BindProtocol.BIND_PROTOCOL_HTTP, 0],
    [resource.BindProtocol.BIND_PROTOCOL_TCP, 1],
    [resource.BindProtocol.BIND_PROTOCOL_TLS, 2],
    [resource.Protocol.PROTOCOL_HTTP, 1],
    [resource.Protocol.PROTOCOL_HTTPS, 2],
    [resource.MtlsMode.MTLS_MODE_STRICT, 0],
    [resource.MtlsMode.MTLS_MODE_ALLOW_INSECURE_FALLBACK, 1],
    [policy.HttpVersion.HTTP_VERSION_HTTP2, 2],
    [workload.AppProtocol.APP_PROTOCOL_HTTP11, 1],
    [workload.AppProtocol.APP_PROTOCOL_HTTP2, 2],
    [workload.WorkloadStatus.WORKLOAD_STATUS_HEALTHY, 0],
    [workload.WorkloadStatus.WORKLOAD_STATUS_UNHEALTHY, 1],
  ])('values of enums: %d is %d', (value, number) => {
    expect(value).toBe(number)
  })
})
