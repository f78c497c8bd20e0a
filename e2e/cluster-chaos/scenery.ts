// The objects that the chaos runs on: backends as pods, one Gateway, and the routes that requests take.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { editedRoute, hostOf, websocketPath } from '../chaos/chaos-folder.ts'
import { gateway, httpRoute, type ListenerSpec, type Manifest, service, tlsSecret } from '../features/manifests.ts'
import { imageName } from '../images/built-images.ts'
import { pairs } from '../plane-envoy/certificates.ts'

export const ports = { http: 80, https: 443 }
export const gatewayName = 'gw'
/** One that only the storm opens. */
export const numberedPort = (n: number): number => 9_000 + n
/** Of the certificate. */
const secureHost = 'one.example.com'

const folder = '/chaos'
/** As they lie here, so that they find one another there. */
const scriptPlaces = { backend: 'cluster-chaos/backend.ts', 'held-backends': 'chaos/held-backends.ts' }

export function scenery(): readonly Manifest[] {
  return [
    scripts(),
    ...['v1', 'v2'].flatMap((name) => [backend(name), backendService(name, name, 8080)]),
    backendService('moving', 'v1', 8080),
    backendService('websocket', 'v1', 8081),
    backendService('grpc', 'v1', 8082, 'kubernetes.io/h2c'),
    tlsSecret('one', pairs.one),
    gatewayConfig(),
    theGateway(),
    httpRoute('exact-1', { host: hostOf('exact-1') }),
    httpRoute('exact-2', { host: hostOf('exact-2'), backends: { v1: 1, v2: 1 } }),
    httpRoute('wild', { host: hostOf('*.wild') }),
    httpRoute('secure', { host: secureHost, backends: { v2: 1 } }),
    httpRoute('moving', { host: hostOf('moving'), backends: { moving: 1 } }),
    // Of every host: a WebSocket client cannot choose its own.
    httpRoute('websocket', { path: websocketPath, backends: { websocket: 1 } }),
    httpRoute('grpc', { host: hostOf('grpc'), backends: { grpc: 1 } }),
    ...['edited', 'mended'].map((name) => editedRoute(name, 0)),
  ]
}

export function theGateway(...more: readonly ListenerSpec[]): Manifest {
  const http = { name: 'http', port: ports.http }
  const https = { name: 'https', port: ports.https, hostname: secureHost, secret: 'one' }
  const { spec, ...rest } = gateway(http, https, ...more)
  const parametersRef = { group: 'penstock.dev', kind: 'GatewayConfig', name: 'chaos' }
  return { ...rest, spec: { ...(spec as object), infrastructure: { parametersRef } } }
}

/** By another name than the default's; and the same by its full name. */
export const proxyImage = 'envoyproxy/envoy:v1.40.0'
export const otherProxyImage = 'docker.io/envoyproxy/envoy:v1.40.0'

/** Shorter than the default: the streams held open keep each proxy that ends for as long as it may take. */
const drainSeconds = 10

/** Whoever serves requests comes before services that start: without a share of the CPU it would wait for them. */
const resources = { requests: { cpu: '150m' } }

export function gatewayConfig({ image = proxyImage, replicas = 1 } = {}): Manifest {
  const spec = { plane: 'Envoy', image, replicas, drainSeconds, resources }
  return { apiVersion: 'penstock.dev/v1alpha1', kind: 'GatewayConfig', metadata: { name: 'chaos' }, spec }
}

/** A Service of one port, 80, on the pods of a backend. */
export function backendService(name: string, backendName: string, targetPort: number, appProtocol?: string): Manifest {
  const { spec, ...rest } = service(name, appProtocol) as { readonly spec: { readonly ports: readonly object[] } }
  const [port] = spec.ports
  return { ...rest, spec: { selector: { app: backendName }, ports: [{ ...port, targetPort }] } }
}

/** They need nothing but Node, which strips their types. */
function scripts(): Manifest {
  const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
  const data = Object.fromEntries(Object.entries(scriptPlaces).map(([key, path]) => [key, read(path)]))
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'chaos' }, data }
}

function backend(name: string): Manifest {
  const container = {
    name: 'backend',
    // For its Node alone.
    image: imageName('cli'),
    imagePullPolicy: 'Never',
    command: ['/usr/local/bin/node', `${folder}/cluster-chaos/backend.ts`],
    resources,
    env: [{ name: 'BACKEND_NAME', value: name }],
    // On a busy machine a late answer takes no backend out of its Service.
    readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 30 },
    volumeMounts: [{ name: 'chaos', mountPath: folder, readOnly: true }],
  }
  const labels = { app: name }
  const items = Object.entries(scriptPlaces).map(([key, path]) => ({ key, path }))
  const pod = {
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes: [{ name: 'chaos', configMap: { name: 'chaos', items } }],
  }
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  }
}
