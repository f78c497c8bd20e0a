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

/** On everything that this installation makes, so that nothing else is ever looked at: not what another one runs. */
export const managedBy = (install: string): Record<string, string> => ({
  'app.kubernetes.io/managed-by': 'penstock',
  'penstock.dev/install': install,
})
export const managedSelector = (install: string): string =>
  Object.entries(managedBy(install))
    .map(([label, value]) => `${label}=${value}`)
    .join()
/** Names the fleet that an object is made for. */
export const fleetAnnotation = 'penstock.dev/fleet'
