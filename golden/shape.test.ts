// The shape of what an edit sends, over the whole corpus (design, section 6): work at the proxy stays with the kind of thing
// that was edited, whatever else the case holds.
import { beforeAll, describe, expect, it } from '@jest/globals'
import { type EndpointSlice, type HttpRoute, type Resource, resourceKey } from '@penstock/gateway-api'
import type { FleetChange } from '@penstock/ir'
import { envoyTypes } from '@penstock/plane-envoy'
import { caseNames, loadCase } from './load-case.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'

/** What the proxies were sent or lost: `Listener 18080`. */
const sent = (pipeline: Pipeline, ...objects: readonly Resource[]): string[] =>
  pipeline.apply(objects.map((value) => ({ key: resourceKey(value), value }))).map(lineOf)

const removed = (pipeline: Pipeline, object: Resource): string[] =>
  pipeline.apply([{ key: resourceKey(object), value: undefined }]).map(lineOf)

const lineOf = ({ typeUrl, name }: FleetChange): string => `${typeName(typeUrl)} ${name}`

const typeName = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf('.') + 1)

const ofTypes = (lines: readonly string[], ...typeUrls: readonly string[]): string[] =>
  lines.filter((line) => typeUrls.some((typeUrl) => line.startsWith(`${typeName(typeUrl)} `)))

const edited = <R extends Resource>(object: R, spec: object): R => ({
  ...object,
  metadata: { ...object.metadata, generation: object.metadata.generation + 1 },
  spec: { ...(object as { readonly spec?: object }).spec, ...spec },
})

const isRoute = (object: Resource): object is HttpRoute => object.kind === 'HTTPRoute' || object.kind === 'GRPCRoute'
const isBundle = (object: Resource): object is Resource & { readonly data: { readonly 'ca.crt': string } } =>
  object.kind === 'ConfigMap' && 'ca.crt' in ((object as { readonly data?: object }).data ?? {})
const isSlice = (object: Resource): object is EndpointSlice => object.kind === 'EndpointSlice'

/** What shares nothing with a case but the proxies. */
const unrelated = ((): readonly Resource[] => {
  const group = 'gateway.networking.k8s.io'
  const made = (apiVersion: string, kind: string, name: string, spec: object): Resource => {
    const [namespace, creationTimestamp] = ['unrelated', '2030-01-01T00:00:00Z']
    const object = { apiVersion, kind, spec }
    return { ...object, metadata: { name, namespace, uid: `${kind} ${name}`, generation: 1, creationTimestamp } }
  }
  const listener = { name: 'http', port: 19_999, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'Same' } } }
  const parentRefs = [{ group, kind: 'Gateway', name: 'gw' }]
  const backendRefs = [{ group: '', kind: 'Service', name: 'v1', port: 80, weight: 1 }]
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs }]
  return [
    made(`${group}/v1`, 'Gateway', 'gw', { gatewayClassName: 'penstock', listeners: [listener] }),
    made(`${group}/v1`, 'HTTPRoute', 'web', { parentRefs, rules }),
    made('v1', 'Service', 'v1', { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }),
  ]
})()

describe.each(caseNames())('%s', (name) => {
  const { resources, managed } = loadCase(name)
  const objects = [...resources.values()]
  // One for all: every edit is taken back.
  let pipeline: Pipeline
  let first: readonly string[] = []
  beforeAll(() => {
    pipeline = createPipeline('envoy', { managed })
    first = sent(pipeline, ...objects)
  })

  it('no edit of a route changes a byte of a listener', () => {
    for (const route of objects.filter(isRoute)) {
      const lines = [
        ...removed(pipeline, route),
        ...sent(pipeline, route),
        ...sent(pipeline, edited(route, { hostnames: ['edited.example.com', '*.edited.example.com'] })),
        ...sent(pipeline, edited(route, { rules: (route.spec.rules ?? []).slice(0, 1) })),
        ...sent(pipeline, route),
      ]
      expect(ofTypes(lines, envoyTypes.listener)).toEqual([])
    }
  })

  it('no edit of a weight touches a cluster or a listener', () => {
    for (const route of objects.filter(isRoute)) {
      const rules = (route.spec.rules ?? []).map((rule) => ({
        ...rule,
        ...(rule.backendRefs ? { backendRefs: rule.backendRefs.map((ref) => ({ ...ref, weight: 7 })) } : {}),
      }))
      const lines = [...sent(pipeline, edited(route, { rules })), ...sent(pipeline, route)]
      expect(ofTypes(lines, envoyTypes.cluster, envoyTypes.listener)).toEqual([])
    }
  })

  it('endpoints that come and go touch nothing but endpoints', () => {
    for (const slice of objects.filter(isSlice)) {
      const empty: EndpointSlice = { ...slice, endpoints: [] }
      const lines = [...sent(pipeline, empty), ...sent(pipeline, slice)]
      expect(lines).toEqual(ofTypes(lines, envoyTypes.endpoints))
    }
  })

  it('an authority that is renewed touches nothing but secrets', () => {
    for (const holder of objects.filter(isBundle)) {
      const renewed = { ...holder, data: { 'ca.crt': holder.data['ca.crt'].repeat(2) } }
      const lines = [...sent(pipeline, renewed), ...sent(pipeline, holder)]
      expect(lines).toEqual(ofTypes(lines, envoyTypes.secret))
    }
  })

  it('an object that has nothing to do with it changes no byte', () => {
    expect(sent(pipeline, ...unrelated).filter((line) => first.includes(line))).toEqual([])
  })
})
