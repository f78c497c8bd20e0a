// The route-scale scenario of gateway-api-bench: applications with a Service, a pod behind it and a route each; all the
// time a pod is replaced, the new one there before the old one goes, and a route gets another path.
import { type Manifest, type Scene, spread } from './scene.ts'
import { gatewayName, gatewayWith, hostOf, httpListener } from './scene-manifests.ts'

export const applications = (count: number): Scene => ({
  name: `applications-${count}`,
  what: `${count} applications`,
  *manifests() {
    yield ['gateway.yaml', gatewayWith(httpListener)]
    for (let application = 0; application < count; application += 1) {
      yield [`services/${application}.yaml`, serviceText(application)]
      yield podsOf(application, [application])
      yield routeOf(application, 0)
    }
  },
  edits: [],
})

export interface Churn {
  /** The edits of its next two seconds, half a second apart. */
  next(): readonly [route: Manifest, newPod: Manifest, route: Manifest, oldPodGone: Manifest]
}

export function createChurn(applications: number): Churn {
  const podOf = new Map<number, number>()
  let pods = applications
  let edits = 0
  const route = (): Manifest => {
    edits += 1
    return routeOf(spread(edits, applications), edits)
  }
  return {
    next() {
      const application = spread(pods, applications)
      const old = podOf.get(application) ?? application
      const pod = pods
      pods += 1
      podOf.set(application, pod)
      return [route(), podsOf(application, [old, pod]), route(), podsOf(application, [pod])]
    },
  }
}

const nameOf = (application: number): string => `application-${application}`

const serviceText = (application: number): string => `apiVersion: v1
kind: Service
metadata: { name: ${nameOf(application)} }
spec: { ports: [{ name: http, port: 80 }] }
`

const routeOf = (application: number, edit: number): Manifest => [
  `routes/${application}.yaml`,
  `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${nameOf(application)} }
spec:
  parentRefs: [{ name: ${gatewayName} }]
  hostnames: ["${hostOf(application)}"]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /path-${edit} } }]
      backendRefs: [{ name: ${nameOf(application)}, port: 80 }]
`,
]

const podsOf = (application: number, pods: readonly number[]): Manifest => [
  `pods/${application}.yaml`,
  `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${nameOf(application)}, labels: { kubernetes.io/service-name: ${nameOf(application)} } }
addressType: IPv4
ports: [{ name: http, port: 80 }]
endpoints: [${pods.map((pod) => `{ addresses: [${addressOf(pod)}] }`).join(', ')}]
`,
]

/** Each has its own, on loopback: nobody asks it for anything. */
const addressOf = (pod: number): string => `127.${1 + (pod >> 16)}.${(pod >> 8) & 255}.${pod & 255}`
