// A CustomResourceDefinition of the Gateway API without its rules: what an API server must know to store such objects and
// to merge their statuses as the real definitions have it.

/** As `KindInfo` of gateway-api. */
interface Kind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly versions: readonly string[]
  readonly namespaced: boolean
}

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** A list whose elements are merged by this field. */
const mapOf = (key: string, properties: object = {}): object => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
  items: { ...anything, required: [key], properties: { [key]: { type: 'string' }, ...properties } },
})

/** Replaced as a whole: `parents` and `addresses`, as everything else that is not named. */
const status = {
  ...anything,
  properties: {
    conditions: mapOf('type'),
    listeners: mapOf('name', { conditions: mapOf('type') }),
    supportedFeatures: mapOf('name'),
  },
}

export function gatewayDefinition({ group, kind, plural, versions, namespaced }: Kind, bundleVersion: string) {
  const openAPIV3Schema = { type: 'object', properties: { spec: anything, status } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: {
        // For groups of Kubernetes itself the API server asks for it.
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/1086',
        'gateway.networking.k8s.io/bundle-version': bundleVersion,
        'gateway.networking.k8s.io/channel': 'experimental',
      },
    },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        schema: { openAPIV3Schema },
      })),
    },
  }
}
