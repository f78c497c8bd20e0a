// The kinds of Kubernetes objects that proxies are made of.
import type { KindInfo } from '@penstock/gateway-api'

export const serviceAccount: KindInfo = core('ServiceAccount', 'serviceaccounts')
export const configMap: KindInfo = core('ConfigMap', 'configmaps')
export const service: KindInfo = core('Service', 'services')
export const deployment: KindInfo = {
  group: 'apps',
  kind: 'Deployment',
  plural: 'deployments',
  versions: ['v1'],
  namespaced: true,
}

/** In the order in which they are made: a pod needs its account and its configuration. */
export const ownedKinds = [serviceAccount, configMap, service, deployment] as const

function core(kind: string, plural: string): KindInfo {
  return { group: '', kind, plural, versions: ['v1'], namespaced: true }
}

/** On everything that is ours, so that nothing else is ever looked at. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'penstock' } as const
export const managedSelector = 'app.kubernetes.io/managed-by=penstock'
/** Names the fleet that an object is made for. */
export const fleetAnnotation = 'penstock.dev/fleet'
