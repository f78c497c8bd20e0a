// The definitions of the Gateway API and of ours, as admission knows them, in a real API server.
import { bundleVersionAnnotation, channelAnnotation, kindInfo } from '@penstock/gateway-api'
import { type Crd, crdsOfGatewayApi } from '@penstock/gateway-api/admission'
import { ApiFault, type Kube } from '@penstock/kube'
import { until } from '@penstock/testkit'

const startMs = 60_000
const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Resolves when every version of them is served. */
export async function installDefinitions(kube: Kube): Promise<void> {
  const crds = crdsOfGatewayApi()
  await Promise.all(crds.map((crd) => kube.request({ method: 'POST', path, body: definition(crd) })))
  for (const { group, plural, versions } of crds) {
    for (const { name } of versions) {
      const list = kube.request.bind(kube, { path: `/apis/${group}/${name}/${plural}`, query: { limit: 1 } })
      await until(`${plural} of ${group}/${name} are served`, () => list().catch(notYet), startMs)
    }
  }
}

function notYet(thrown: unknown): undefined {
  if (!(thrown instanceof ApiFault && thrown.status === 404)) throw thrown
}

function definition({ group, kind, plural, scope, versions }: Crd): object {
  return {
    metadata: {
      name: `${plural}.${group}`,
      annotations: {
        // For groups of Kubernetes itself the API server asks for it.
        'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/1086',
        [bundleVersionAnnotation]: 'v1.7.0',
        [channelAnnotation]: 'experimental',
      },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map(({ name, openAPIV3Schema }) => ({
        name,
        served: true,
        storage: name === kindInfo(group, kind)?.versions[0],
        schema: { openAPIV3Schema },
        ...(openAPIV3Schema.properties?.['status'] && { subresources: { status: {} } }),
      })),
    },
  }
}
