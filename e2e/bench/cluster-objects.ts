// What the bench puts into a cluster: one Gateway, fifty Services with their EndpointSlices, and n HTTPRoutes with a host
// of their own. No endpoint is ready, so nothing leaves the machine: Envoy answers by itself, with 503 before an edit and
// with the edit's redirect after it.
import { kindInfo } from '@penstock/gateway-api'
import type { Kube } from '@penstock/kube'
import { gateway, gatewayClass, httpRoute, type Manifest, service } from '../features/manifests.ts'

const services = 50
const endpointsOfOne = 3
const atOnce = 16
/** Of RFC 5737. The API server takes no loopback. */
const addressOf = (backend: number, endpoint: number): string => `198.51.100.${1 + backend * endpointsOfOne + endpoint}`

export const routeName = (route: number): string => `r${route}`
export const hostOf = (route: number): string => `r${route}.bench.example`
/** Where the `edit`th edit sends requests to. */
export const editHost = (edit: number): string => `edit-${edit}.bench.example`

/** In this order: what routes refer to is there before them. */
export async function createObjects(kube: Kube, routes: number, gatewayPort: number): Promise<void> {
  await create(kube, gatewayClass())
  await create(kube, gateway({ name: 'http', port: gatewayPort }))
  for (let backend = 0; backend < services; backend += 1) {
    await create(kube, service(`s${backend}`))
    await create(kube, slice(backend))
  }
  let next = 0
  const work = async (): Promise<void> => {
    for (let route = next++; route < routes; route = next++) {
      const backends = { [`s${route % services}`]: 1 }
      await create(kube, httpRoute(routeName(route), { host: hostOf(route), backends }))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** As `kubectl patch --type=merge` does it. */
export async function redirect(kube: Kube, route: number, edit: number): Promise<void> {
  const filter = { type: 'RequestRedirect', requestRedirect: { hostname: editHost(edit) } }
  await kube.request({
    method: 'PATCH',
    path: `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${routeName(route)}`,
    contentType: 'application/merge-patch+json',
    body: { spec: { rules: [{ filters: [filter] }] } },
  })
}

async function create(kube: Kube, manifest: Manifest): Promise<void> {
  const [version = '', group = ''] = String(manifest['apiVersion']).split('/').toReversed()
  const kind = kindInfo(group, String(manifest['kind']))
  if (!kind) throw new Error(`no kind ${String(manifest['kind'])} of ${group}/${version}`)
  const metadata = { ...(manifest['metadata'] as { name: string }), ...(kind.namespaced && { namespace: 'default' }) }
  await kube.create(kind, { ...manifest, metadata })
}

function slice(backend: number): Manifest {
  const name = `s${backend}`
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8_080 }],
    endpoints: Array.from({ length: endpointsOfOne }, (_, endpoint) => ({
      addresses: [addressOf(backend, endpoint)],
      conditions: { ready: false },
    })),
  }
}
