// What a service may do in Kubernetes, from the one place that says it: charts/<service>/files/rights.yaml. A service
// without that file may do nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import type { KubeRule } from './kube-role.ts'

export interface KubeRight {
  /** A few words for the documentation. */
  readonly why: string
  readonly apiGroups: readonly string[]
  /** Plurals, with `/status` where it is that. */
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

export interface KubeRights {
  /** Of kinds without a namespace. */
  readonly cluster: readonly KubeRight[]
  /** Of the others: everywhere, or in the namespaces that this installation is for. */
  readonly namespaced: readonly KubeRight[]
}

const charts = resolve(import.meta.dirname, '../../../charts')
const fileOf = (service: string): string => join(charts, service, 'files/rights.yaml')

/** The services that may do anything there. */
export const servicesWithRights = (): string[] => readdirSync(charts).filter((name) => kubeRulesOf(name).length > 0)

export function kubeRights(service: string): KubeRights {
  const file = fileOf(service)
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as KubeRights) : { cluster: [], namespaced: [] }
}

/** The same for `kubeRole`: all of them, or one part. */
export function kubeRulesOf(service: string, part?: keyof KubeRights): KubeRule[] {
  const rights = kubeRights(service)
  const wanted = part ? rights[part] : [...rights.cluster, ...rights.namespaced]
  return wanted.flatMap(({ apiGroups, resources, verbs }) => apiGroups.map((group) => ({ group, resources, verbs })))
}

/** Each single right, as `patch apps/deployments`; of the core group `list /services`. Sorted. */
export function singleRights(rules: readonly KubeRule[]): string[] {
  const single = rules.flatMap(({ group, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
  )
  return [...new Set(single)].sort()
}

export interface RightsPlace {
  /** Where the service runs. */
  readonly namespace: string
  /** What the installation is for; none: everything. */
  readonly namespaces?: readonly string[]
}

const api = 'rbac.authorization.k8s.io'

/** A service's account with its rights, and no more: what a chart installs, to be applied. */
export function kubeRightsObjects(service: string, { namespace, namespaces = [] }: RightsPlace): object[] {
  const { cluster, namespaced } = kubeRights(service)
  const name = `penstock-${service}`
  const bound = (suffix: '' | 'Cluster', rights: readonly KubeRight[], place: object): object[] => {
    const metadata = { name, ...place }
    const rules = rights.map(({ why: _, ...rule }) => rule)
    const roleRef = { apiGroup: api, kind: `${suffix}Role`, name }
    const subjects = [{ kind: 'ServiceAccount', name: service, namespace }]
    if (rules.length === 0) return []
    return [
      { apiVersion: `${api}/v1`, kind: `${suffix}Role`, metadata, rules },
      { apiVersion: `${api}/v1`, kind: `${suffix}RoleBinding`, metadata, roleRef, subjects },
    ]
  }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: service, namespace } },
    ...bound('Cluster', namespaces.length > 0 ? cluster : [...cluster, ...namespaced], {}),
    ...namespaces.flatMap((each) => bound('', namespaced, { namespace: each })),
  ]
}
