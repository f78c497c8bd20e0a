// For property tests: histories of objects of every kind that the translation reads, and of the time. What the API server
// would refuse never comes; what it would take and is wrong all the same does.
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { createAdmission } from '@penstock/gateway-api/admission'
import type { Change } from '@penstock/incremental/laws'
import fc from 'fast-check'
import type { Document } from './arbitrary/document.test-data.ts'
import {
  customResourceDefinitions,
  gatewayClasses,
  gatewayConfigs,
  gateways,
  listenerSets,
} from './arbitrary/gateways.test-data.ts'
import { grpcRoutes } from './arbitrary/grpc-routes.test-data.ts'
import { httpRoutes } from './arbitrary/http-routes.test-data.ts'
import {
  clusterTrustBundles,
  configMaps,
  endpointSlices,
  namespaces,
  referenceGrants,
  sealedSecrets,
  services,
  tlsPolicies,
  unservedKinds,
} from './arbitrary/referents.test-data.ts'
import {
  configMap,
  gateway,
  gatewayClass,
  grpcRoute,
  http,
  httpRoute,
  https,
  secret,
  service,
  to,
} from './rig.test-data.ts'

export type { Document } from './arbitrary/document.test-data.ts'

/** A change of an object by its key, or of the time under `timeKey`. */
export type Fact = Resource | number
export const timeKey = 'time'

/** Every kind that is read as an API server hands it out. */
export const arbitraries: Readonly<Record<string, fc.Arbitrary<Document>>> = {
  GatewayClass: gatewayClasses,
  GatewayConfig: gatewayConfigs,
  Gateway: gateways,
  ListenerSet: listenerSets,
  HTTPRoute: httpRoutes,
  GRPCRoute: grpcRoutes,
  ReferenceGrant: referenceGrants,
  Service: services,
  ConfigMap: configMaps,
  BackendTLSPolicy: tlsPolicies,
  EndpointSlice: endpointSlices,
  Namespace: namespaces,
}

const weights: Readonly<Record<string, number>> = {
  HTTPRoute: 6,
  GRPCRoute: 3,
  ListenerSet: 3,
  Gateway: 5,
  Service: 2,
  BackendTLSPolicy: 2,
  ReferenceGrant: 2,
}

const admission = createAdmission()

/** As the API server would store it. */
export function admit(document: Document): Resource {
  const admitted = admission.admit(document)
  if ('refused' in admitted) throw new Error(JSON.stringify([document, admitted.refused]))
  return admitted.object
}

/** One that was deleted and made again has another uid. */
function withUid(object: Resource, life: number): Resource {
  const { kind, metadata } = object
  return { ...object, metadata: { ...metadata, uid: `${kind} ${metadata.namespace}/${metadata.name} ${life}` } }
}

const objects: fc.Arbitrary<Resource> = fc.oneof(
  ...Object.entries(arbitraries).map(([kind, documents]) => ({
    weight: weights[kind] ?? 1,
    arbitrary: documents.map(admit),
  })),
  { weight: 2, arbitrary: sealedSecrets },
  { weight: 1, arbitrary: customResourceDefinitions },
  { weight: 1, arbitrary: clusterTrustBundles },
  { weight: 1, arbitrary: unservedKinds },
)

const change: fc.Arbitrary<Change<Fact>> = fc
  .record({ object: objects, luck: fc.integer({ min: 0, max: 4 }), life: fc.constantFrom(1, 1, 1, 2) })
  .map(({ object, luck, life }) => ({
    key: resourceKey(object),
    value: luck === 0 ? undefined : withUid(object, life),
  }))

const timeChange: fc.Arbitrary<Change<Fact>> = fc
  .constantFrom(5, 10, 15, 20, 90, 100)
  .map((value) => ({ key: timeKey, value }))

const all = { allowedRoutes: { namespaces: { from: 'All' } } }

/** What most references mean: without it hardly a route would work. */
const common: readonly Resource[] = [
  gatewayClass(),
  gateway('a/gw', [http('one', 80, all), https('two', 'cert', all)], {
    allowedListeners: { namespaces: { from: 'All' } },
  }),
  secret('a/cert'),
  configMap('a/ca'),
  service('a/v1'),
  service('b/v1'),
  httpRoute('a/web', [to('v1')]),
  grpcRoute('a/calls', [to('v1')]),
]

/** Transactions, the first of which brings what is common. */
export const histories: fc.Arbitrary<readonly (readonly Change<Fact>[])[]> = fc
  .array(
    fc.array(fc.oneof({ weight: 12, arbitrary: change }, { weight: 1, arbitrary: timeChange }), {
      minLength: 1,
      maxLength: 8,
    }),
    { maxLength: 8 },
  )
  .map((rounds) => [common.map((value) => ({ key: resourceKey(value), value })), ...rounds])
