// Law 6 at scale: 10,000 objects come and go, and nothing is left of them, neither in the counts of the graphs nor in
// memory.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import type { Change, Subject } from '@penstock/incremental/laws'
import { admit, type Document, type Fact } from '@penstock/translate/histories'
import { createSubject } from '@penstock/translate/subject'
import { connectionKey, createPlaneSubject } from './plane-subject.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const nothing = { records: 0, computed: 0, dependencies: 0, held: 0 }
const gateways = 20
const untried = { freeze: false, twice: false }

describe('when 10,000 objects have come and gone', () => {
  const subjects: [string, () => Subject<Fact>, readonly Change<Fact>[]][] = [
    ['translation', () => createSubject({ graph: untried }), []],
    ['Envoy plane', () => createPlaneSubject({ trial: untried }), connections()],
  ]
  it.each(subjects)(
    'the %s is as empty as before',
    (name, create, extra) => {
      const subject = create()
      // The first time, code is compiled and caches fill.
      comeAndGo(subject, [...extra, ...objects(10_000)])
      const beforeBytes = heapBytes()
      const peakBytes = comeAndGo(subject, [...extra, ...objects(10_000)])
      const afterBytes = heapBytes()
      expect(subject.graph.size()).toEqual(nothing)
      const ratio = afterBytes / beforeBytes
      process.stdout.write(
        `${name}: ${megabytes(beforeBytes)} before, ${megabytes(peakBytes)} with 10,000 objects, ${megabytes(afterBytes)} after: ${ratio.toFixed(2)} times\n`,
      )
      expect(peakBytes).toBeGreaterThan(beforeBytes)
      expect(ratio).toBeLessThan(1.1)
    },
    120_000,
  )
})

/** In transactions of 500 changes; returns the heap at its fullest. */
function comeAndGo({ graph, apply }: Subject<Fact>, changes: readonly Change<Fact>[]): number {
  for (let at = 0; at < changes.length; at += 500) apply(changes.slice(at, at + 500))
  expect(graph.held().size).toBe(0)
  expect(graph.size().computed).toBeGreaterThan(changes.length)
  const bytes = heapBytes()
  const gone = changes.map(({ key }) => ({ key, value: undefined }))
  for (let at = 0; at < gone.length; at += 500) apply(gone.slice(at, at + 500))
  return bytes
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`

const timestamp = '2026-01-01T00:00:00Z'
const gatewayApi = 'gateway.networking.k8s.io/v1'
/** Documents in which "nnn" stands for a number. */
const templates = {
  gatewayClass: {
    ...{ apiVersion: gatewayApi, kind: 'GatewayClass', metadata: metadata('penstock') },
    spec: { controllerName: 'penstock.dev/gateway-controller' },
  },
  gateway: {
    ...{ apiVersion: gatewayApi, kind: 'Gateway', metadata: metadata('gw-nnn', 'default') },
    spec: { gatewayClassName: 'penstock', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  },
  route: {
    ...{ apiVersion: gatewayApi, kind: 'HTTPRoute', metadata: metadata('web-nnn', 'default') },
    spec: {
      parentRefs: [{ name: 'gw-1' }],
      hostnames: ['hnnn.example.com'],
      rules: [{ backendRefs: [{ name: 'v-nnn', port: 80 }] }],
    },
  },
  service: {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: metadata('v-nnn', 'default') },
    spec: { ports: [{ name: 'http', port: 80 }] },
  },
  slice: {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
    metadata: { ...metadata('v-nnn', 'default'), labels: { 'kubernetes.io/service-name': 'v-nnn' } },
    ...{ addressType: 'IPv4', ports: [{ name: 'http', port: 3000 }], endpoints: [{ addresses: ['10.0.0.1'] }] },
  },
}

function metadata(name: string, namespace?: string) {
  return { name, ...(namespace ? { namespace } : {}), creationTimestamp: timestamp, generation: 1 }
}

/** A class, some Gateways, and for the rest as many routes as Services and EndpointSlices. */
function objects(count: number): Change<Fact>[] {
  const { gatewayClass, gateway, ...others } = templates
  const each = Math.floor((count - gateways - 1) / 3)
  const rest = Object.values(others).flatMap((template) => numbered(template, each))
  return [...numbered(gatewayClass, 1), ...numbered(gateway, gateways), ...rest]
}

function numbered(template: Document, count: number): Change<Fact>[] {
  const text = JSON.stringify(admit(template))
  return Array.from({ length: count }, (_, at) => {
    const value = JSON.parse(text.replaceAll('nnn', String(at))) as Resource
    return { key: resourceKey(value), value: { ...value, metadata: { ...value.metadata, uid: value.metadata.name } } }
  })
}

function connections(): Change<Fact>[] {
  return Array.from({ length: gateways }, (_, at) => ({ key: connectionKey(`default~gw-${at}`), value: 1 }))
}
