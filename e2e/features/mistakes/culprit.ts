// Who makes the mistakes: a Gateway with two listeners on ports of the neighbours, a Secret, and a route for each.
import { pairs } from '../../plane-envoy/certificates.ts'
import { gatewayNamed, type Manifest, tlsSecret } from '../manifests.ts'

export interface Ports {
  readonly http: number
  readonly https: number
}

export const culpritHosts = { plain: 'culprit.example', secure: 'secure.culprit.example' } as const

export function goodCulprit(ports: Ports): readonly Manifest[] {
  return [culpritGateway(ports), tlsSecret('culprit', pairs.two), culpritRoute(), secureRoute]
}

/** By its name it comes behind the neighbours' Gateway wherever one has to yield. */
export function culpritGateway({ http, https }: Ports, secret = 'culprit'): Manifest {
  return gatewayNamed(
    'other',
    { name: 'http', port: http, hostname: culpritHosts.plain },
    { name: 'https', port: https, hostname: culpritHosts.secure, secret },
  )
}

/** `rule` and `spec`: what is different. */
export function culpritRoute(rule: object = {}, spec: object = {}): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'culprit' },
    spec: {
      parentRefs: [{ name: 'other' }],
      hostnames: [culpritHosts.plain],
      rules: [{ backendRefs: [{ name: 'v1', port: 80 }], ...rule }],
      ...spec,
    },
  }
}

const secureRoute: Manifest = {
  ...culpritRoute({}, { hostnames: [culpritHosts.secure] }),
  metadata: { name: 'culprit-secure' },
}
