// The folder of YAML that the chaos runs on: what never changes, and the routes that requests take.
import { join } from 'node:path'
import { replaceFile } from '../features/config-file.ts'
import {
  endpointSlice,
  gateway,
  gatewayClass,
  httpRoute,
  type Manifest,
  service,
  tlsSecret,
} from '../features/manifests.ts'
import { pairs } from '../plane-envoy/certificates.ts'
import type { Target } from './load.ts'

export interface FolderPorts {
  readonly http: number
  readonly https: number
  /** Something else listens there, so Envoy refuses a listener on it. */
  readonly taken: number
  readonly backends: Readonly<Record<'v1' | 'v2' | 'websocket' | 'grpc', number>>
}

export const hostOf = (route: string): string => `${route}.example.com`
/** Of the certificate. */
export const secureHost = 'one.example.com'
export const websocketPath = '/websocket'
/** An edit shows as the value of this header. */
export const editHeader = 'x-edit'

export interface ChaosFolder {
  readonly path: string
  readonly ports: FolderPorts
  write(file: string, ...content: readonly (Manifest | string)[]): void
}

export function createChaosFolder(path: string, ports: FolderPorts): ChaosFolder {
  const write: ChaosFolder['write'] = (file, ...content) => replaceFile(join(path, file), content)
  const listeners = [
    { name: 'http', port: ports.http },
    { name: 'https', port: ports.https, hostname: secureHost, secret: 'one' },
  ]
  write('gateway.yaml', gatewayClass(), gateway(...listeners))
  write('certificate.yaml', certificate('one'))
  for (const [name, port] of Object.entries(ports.backends)) {
    write(`${name}.yaml`, service(name, name === 'grpc' ? 'kubernetes.io/h2c' : undefined), endpointSlice(name, port))
  }
  write('moving.yaml', service('moving'), httpRoute('moving', { host: hostOf('moving'), backends: { moving: 1 } }))
  write('moving-endpoints.yaml', endpointSlice('moving', ports.backends.v1))
  write(
    'routes.yaml',
    httpRoute('exact-1', { host: hostOf('exact-1') }),
    httpRoute('exact-2', { host: hostOf('exact-2'), backends: { v1: 1, v2: 1 } }),
    httpRoute('wild', { host: hostOf('*.wild') }),
    httpRoute('secure', { host: secureHost, backends: { v2: 1 } }),
    // Of every host: a WebSocket client cannot choose its own.
    httpRoute('websocket', { path: websocketPath, backends: { websocket: 1 } }),
    httpRoute('grpc', { host: hostOf('grpc'), backends: { grpc: 1 } }),
  )
  for (const name of ['edited', 'mended']) write(`${name}.yaml`, editedRoute(name, 0))
  return { path, ports, write }
}

/** Of the one name, whichever pair it holds. */
export const certificate = (pair: keyof typeof pairs): Manifest => tlsSecret('one', pairs[pair])

export const editedRoute = (name: string, edit: number): Manifest =>
  httpRoute(name, { host: hostOf(name), answerHeaders: { [editHeader]: `${edit}` } })

/** Seven, so that over time each is asked on new connections too. */
export function loadTargets({ http, https }: Pick<FolderPorts, 'http' | 'https'>): Target[] {
  const fixed = (route: string, ...backends: string[]): Target => ({ port: http, host: () => hostOf(route), backends })
  return [
    fixed('exact-1', 'v1'),
    fixed('exact-2', 'v1', 'v2'),
    { port: http, host: (n) => hostOf(`host-${n}.wild`), backends: ['v1'] },
    { port: https, host: () => secureHost, tls: true, backends: ['v2'] },
    fixed('edited', 'v1'),
    fixed('mended', 'v1'),
    fixed('moving', 'v1', 'v2'),
  ]
}
