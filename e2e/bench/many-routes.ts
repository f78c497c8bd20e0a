// n routes as the watcher would publish them: each with a host, a Service and an EndpointSlice of its own, on one Gateway.
// One of each kind is read as from a file, the others are made of it.
import type { JsonObject } from '@penstock/bus'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import { emptyManifest, readManifest } from '@penstock/watcher'
import {
  endpointSlice,
  gateway,
  gatewayClass,
  httpRoute,
  type Manifest,
  service,
  yamlOf,
} from '../features/manifests.ts'

export const routeKey = (route: number): string => `gateway.networking.k8s.io/HTTPRoute/default/r${route}`

/** By key. */
export function manyRoutes(count: number): Map<string, JsonObject> {
  const resources = new Map<string, JsonObject>()
  const add = (object: JsonObject): void => {
    resources.set(resourceKey(object as unknown as Resource), object)
  }
  for (const object of read(gatewayClass(), gateway({ name: 'http', port: 80 }))) add(object)
  const first = httpRoute('r0', { host: 'r0.example.com', backends: { r0: 1 }, answerHeaders: { 'x-edit': '0' } })
  const templates = read(first, service('r0'), endpointSlice('r0', 8_000)).map((object) => JSON.stringify(object))
  for (let route = 0; route < count; route += 1) {
    for (const template of templates) add(JSON.parse(template.replaceAll('r0', `r${route}`)) as JsonObject)
  }
  return resources
}

/** The route after its `edit`th edit: another generation, and another header on its answers. */
export function edited(route: JsonObject, edit: number): JsonObject {
  const text = JSON.stringify(route)
    .replace(/("name":"x-edit","value":)"\d+"/, `$1"${edit}"`)
    .replace(/"generation":\d+/, `"generation":${edit + 1}`)
  return JSON.parse(text) as JsonObject
}

function read(...manifests: readonly Manifest[]): JsonObject[] {
  const limits = { maxDocuments: 10, maxAliases: 0, maxObjectBytes: 100_000 }
  const reader = { admission: createAdmission(), limits, lastGood: () => undefined }
  return readManifest(yamlOf(...manifests), emptyManifest, reader).entries.map(({ object, refusals }) => {
    if (!object) throw new Error(refusals.map(({ path, reason }) => `${path} ${reason}`).join('; '))
    return { ...object, metadata: { ...object.metadata, generation: 1 } }
  })
}
