// The resources of the bench as text: a template is read by the watcher a hundred times faster than it is made by a
// library of YAML, and there are ten thousand of them.
import { selfSigned } from './self-signed.ts'

export const gatewayPort = 18_090
export const gatewayName = 'bench'
const setName = (set: number): string => `set-${set}`

export const hostOf = (route: number): string => `host-${route}.bench.example`

export const gatewayWith = (listener: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: penstock }
spec: { controllerName: penstock.dev/gateway-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${gatewayName} }
spec:
  gatewayClassName: penstock
  allowedListeners: { namespaces: { from: Same } }
  listeners: [${listener}]
`

export const httpListener = `{ name: http, port: ${gatewayPort}, protocol: HTTP }`
export const otherListener = `{ name: other, port: ${gatewayPort + 1}, protocol: HTTP }`

/** Where a redirect of this edit leads to, as part of an answer's `location`. */
export const editHost = (edit: number): string => `edit-${edit}.example`

export interface RouteText {
  readonly name: string
  readonly host: string
  /** Path prefixes, a rule for each, and to which edit's host it redirects: Envoy answers, so no backend takes part. */
  readonly rules: readonly { readonly path: string; readonly edit: number }[]
  readonly parent?: string
}

export function routeText({ name, host, rules, parent = `{ name: ${gatewayName} }` }: RouteText): string {
  const ruleText = rules.map(
    ({ path, edit }) => `    - matches: [{ path: { type: PathPrefix, value: ${path} } }]
      filters: [{ type: RequestRedirect, requestRedirect: { hostname: ${editHost(edit)} } }]
`,
  )
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [${parent}]
  hostnames: ["${host}"]
  rules:
${ruleText.join('')}`
}

export interface SecureHost {
  /** Of its listener. */
  readonly name: string
  readonly host: string
  readonly secret: string
}

/** More listeners for the Gateway: it takes 64 of its own at most, and each set as many. */
export function listenerSetText(set: number, hosts: readonly SecureHost[]): string {
  const listeners = hosts.map(
    ({ name, host, secret }) => `    - name: ${name}
      port: ${gatewayPort}
      protocol: HTTPS
      hostname: ${host}
      tls: { certificateRefs: [{ name: ${secret} }] }
`,
  )
  return `apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: ${setName(set)} }
spec:
  parentRef: { name: ${gatewayName} }
  listeners:
${listeners.join('')}`
}

export const inSet = (set: number, listener: string): string =>
  `{ kind: ListenerSet, group: gateway.networking.k8s.io, name: ${setName(set)}, sectionName: ${listener} }`

/** A certificate of its own for this host, with the edit as its subject. */
export function secretText(name: string, host: string, edit: number): string {
  const { certificatePem, keyPem } = selfSigned(editHost(edit), host)
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return `apiVersion: v1
kind: Secret
metadata: { name: ${name} }
type: kubernetes.io/tls
data: { tls.crt: ${base64(certificatePem)}, tls.key: ${base64(keyPem)} }
`
}
