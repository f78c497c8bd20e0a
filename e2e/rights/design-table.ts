// What the design says of each service's rights in Kubernetes (design section 2), said a second time: not read from the
// charts, so that a right that slipped into one is seen.
import { customResourceDefinitionKind, isOnlyForReferrers, type KindInfo, kinds } from '@penstock/gateway-api'

const each = (verbs: readonly string[], resources: readonly string[]): string[] =>
  resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`))

const named = ({ group, plural }: KindInfo): string => `${group}/${plural}`
const ofGateways = (plural: string): string => `gateway.networking.k8s.io/${plural}`

/** Each single right, as `list /services`. */
export const designTable: Readonly<Record<string, readonly string[]>> = {
  // "get, list, watch of the kinds it reads": one alone is read only of what is read because something names it.
  watcher: [
    ...each(['list', 'watch'], [...kinds, customResourceDefinitionKind].map(named)),
    ...each(['get'], kinds.filter(isOnlyForReferrers).map(named)),
  ],
  translator: [],
  'xds-server': [],
  'agentgateway-server': [],
  'pingora-syncer': [],
  // "get and patch of */status, create Events, the GatewayClass finalizer"
  'status-reporter': [
    ...each(
      ['get', 'patch'],
      [
        ...['gatewayclasses', 'gateways', 'listenersets', 'httproutes', 'grpcroutes', 'tlsroutes', 'tcproutes'],
        ...['udproutes', 'backendtlspolicies'],
      ].map((plural) => ofGateways(`${plural}/status`)),
    ),
    ...each(['list', 'watch', 'patch'], [ofGateways('gatewayclasses')]),
    ...each(['create'], ['events.k8s.io/events']),
  ],
  // "the few workload kinds it owns, Secrets for proxy identity": which it writes, and never looks for.
  'infra-manager': [
    ...each(
      ['list', 'watch', 'create', 'patch', 'delete'],
      [
        ...['/services', '/configmaps', '/serviceaccounts', 'apps/deployments', 'apps/daemonsets'],
        ...['autoscaling/horizontalpodautoscalers', 'policy/poddisruptionbudgets'],
      ],
    ),
    ...each(['create', 'update'], ['/secrets']),
  ],
  console: [],
}
