// The kinds of Kubernetes objects that proxies are made of.
import type { KindInfo } from '@penstock/gateway-api'

export const serviceAccount = kindOf('', 'ServiceAccount', 'serviceaccounts')
export const configMap = kindOf('', 'ConfigMap', 'configmaps')
export const deployment = kindOf('apps', 'Deployment', 'deployments')
export const daemonSet = kindOf('apps', 'DaemonSet', 'daemonsets')
export const service = kindOf('', 'Service', 'services')
export const autoscaler = kindOf('autoscaling', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'v2')
export const disruptionBudget = kindOf('policy', 'PodDisruptionBudget', 'poddisruptionbudgets')

/** Of each fleet, but not among those that we may list and watch. */
export const secret = kindOf('', 'Secret', 'secrets')

/** In the order in which they are made: a pod needs its account and its configuration. */
export const ownedKinds = [
  ...[serviceAccount, configMap, deployment, daemonSet],
  ...[service, autoscaler, disruptionBudget],
] as const

/** What runs pods: one of them, but for the time that one takes the place of the other. */
export const workloadKinds: readonly KindInfo[] = [deployment, daemonSet]

function kindOf(group: string, kind: string, plural: string, version = 'v1'): KindInfo {
  return { group, kind, plural, versions: [version], namespaced: true }
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
/** On the ServiceAccount of a fleet: what is remembered of its identity. */
export const identityAnnotation = 'penstock.dev/identity'
/** On a pod: a print of the files that it reads once. */
export const filesAnnotation = 'penstock.dev/files'
