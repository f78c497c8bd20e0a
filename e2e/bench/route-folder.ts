// The bench's resources: one Gateway, one Service, and n routes, each with a host of its own, a file each.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const gatewayPort = 18_090
const header = 'x-edit'

export const hostOf = (route: number): string => `host-${route}.bench.example`

/** Writes the whole folder; every route answers with `x-edit: 0`. */
export function writeFolder(folder: string, routes: number, backendPort: number): void {
  mkdirSync(join(folder, 'routes'), { recursive: true })
  writeFileSync(join(folder, 'gateway.yaml'), gateway(backendPort))
  for (let route = 0; route < routes; route += 1) writeRoute(folder, route, 0)
}

/** Renamed into place, as an atomic deployment does it. */
export function writeRoute(folder: string, route: number, edit: number): void {
  const file = join(folder, 'routes', `route-${route}.yaml`)
  writeFileSync(`${file}.next`, httpRoute(route, edit))
  renameSync(`${file}.next`, file)
}

/** The number of the last edit that an answer shows. */
export const editSeen = (headers: Readonly<Record<string, string | string[] | undefined>>): number =>
  Number(headers[header])

function httpRoute(route: number, edit: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route-${route} }
spec:
  parentRefs: [{ name: bench }]
  hostnames: [${hostOf(route)}]
  rules:
    - matches: [{ path: { type: PathPrefix, value: / } }]
      filters:
        - type: ResponseHeaderModifier
          responseHeaderModifier: { set: [{ name: ${header}, value: "${edit}" }] }
      backendRefs: [{ name: backend, port: 80 }]
`
}

function gateway(backendPort: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: penstock }
spec: { controllerName: penstock.dev/gateway-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: bench }
spec:
  gatewayClassName: penstock
  listeners: [{ name: http, port: ${gatewayPort}, protocol: HTTP }]
---
apiVersion: v1
kind: Service
metadata: { name: backend }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: backend, labels: { kubernetes.io/service-name: backend } }
addressType: IPv4
ports: [{ name: http, port: ${backendPort} }]
endpoints: [{ addresses: [127.0.0.1] }]
`
}
