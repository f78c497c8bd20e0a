// Which kinds a fake API server serves: a few that are built in, and whatever CustomResourceDefinitions it holds; and who
// may do what with them, by the ClusterRoles that it holds.
import type { KubeObject, KubeObjects, StoredKind } from './fake-kube-objects.ts'

interface BuiltIn {
  readonly kind: string
  readonly plural: string
  readonly group?: string
  readonly version?: string
  readonly namespaced?: boolean
  readonly hasStatus?: boolean
}

const builtIn = (kind: BuiltIn): StoredKind => ({
  ...{ group: '', version: 'v1', namespaced: false, hasStatus: false },
  ...kind,
})

const rights = 'rbac.authorization.k8s.io'
export const definitions = builtIn({
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
})
const roles = builtIn({ group: rights, kind: 'ClusterRole', plural: 'clusterroles' })
const bindings = builtIn({ group: rights, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' })

const builtInKinds: readonly StoredKind[] = [
  builtIn({ kind: 'Namespace', plural: 'namespaces', hasStatus: true }),
  builtIn({ kind: 'Service', plural: 'services', namespaced: true, hasStatus: true }),
  builtIn({ kind: 'ConfigMap', plural: 'configmaps', namespaced: true }),
  builtIn({ kind: 'Secret', plural: 'secrets', namespaced: true }),
  builtIn({ kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true }),
  builtIn({ group: 'apps', kind: 'Deployment', plural: 'deployments', namespaced: true, hasStatus: true }),
  builtIn({ group: 'apps', kind: 'DaemonSet', plural: 'daemonsets', namespaced: true, hasStatus: true }),
  builtIn({
    ...{ group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers' },
    ...{ namespaced: true, hasStatus: true },
  }),
  builtIn({
    ...{ group: 'policy', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets' },
    ...{ namespaced: true, hasStatus: true },
  }),
  builtIn({ group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true }),
  builtIn({ group: 'events.k8s.io', kind: 'Event', plural: 'events', namespaced: true }),
  definitions,
  roles,
  bindings,
]

interface Definition extends KubeObject {
  spec: {
    group: string
    scope: string
    names: { kind: string; plural: string }
    versions: {
      name: string
      served: boolean
      subresources?: { status?: object }
      schema?: { openAPIV3Schema?: unknown }
    }[]
  }
}

/** One entry for each kind and version. */
export function servedKinds(objects: KubeObjects): StoredKind[] {
  const custom = (objects.list(definitions, '') as Definition[]).flatMap(({ spec }) =>
    spec.versions
      .filter(({ served }) => served)
      .map(({ name, subresources, schema }) => ({
        group: spec.group,
        version: name,
        kind: spec.names.kind,
        plural: spec.names.plural,
        namespaced: spec.scope === 'Namespaced',
        hasStatus: subresources?.status !== undefined,
        schema: schema?.openAPIV3Schema,
      })),
  )
  return [...builtInKinds, ...custom]
}

export interface Asked {
  readonly user: string
  readonly verb: string
  readonly group: string
  /** With `/status`, if it is that. */
  readonly resource: string
}

interface Rule {
  verbs: string[]
  apiGroups?: string[]
  resources?: string[]
}

/** The rules of all ClusterRoles that are bound to the user. */
export function rulesOf(objects: KubeObjects, user: string): Rule[] {
  const bound = objects.list(bindings, '').filter((binding) => {
    const subjects = (binding['subjects'] ?? []) as { kind: string; name: string }[]
    return subjects.some(({ kind, name }) => kind === 'User' && name === user)
  })
  return bound.flatMap((binding) => {
    const role = objects.get(roles, '', (binding['roleRef'] as { name: string }).name)
    return (role?.['rules'] ?? []) as Rule[]
  })
}

export function isAllowed(objects: KubeObjects, { user, verb, group, resource }: Asked): boolean {
  const names = (list: string[] | undefined, wanted: string): boolean =>
    list?.some((each) => each === '*' || each === wanted || (each === '*/status' && wanted.endsWith('/status'))) ??
    false
  return rulesOf(objects, user).some(
    (rule) => names(rule.verbs, verb) && names(rule.apiGroups, group) && names(rule.resources, resource),
  )
}

/** The answer to `/apis` or `/api` in the aggregated form. */
export function aggregatedDiscovery(kinds: readonly StoredKind[], core: boolean): object {
  const groups = [...new Set(kinds.map(({ group }) => group))].filter((group) => (group === '') === core)
  const items = groups.map((name) => {
    const ofGroup = kinds.filter(({ group }) => group === name)
    const versions = [...new Set(ofGroup.map(({ version }) => version))].map((version) => ({
      version,
      resources: ofGroup.filter((kind) => kind.version === version).map(resourceOf),
    }))
    return { metadata: { name }, versions }
  })
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items }
}

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

function resourceOf({ plural, kind, namespaced, hasStatus }: StoredKind): object {
  return {
    resource: plural,
    responseKind: { kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    verbs,
    ...(hasStatus ? { subresources: [{ subresource: 'status' }] } : {}),
  }
}

/** The older form: groups, and the kinds of one group and version. */
export function legacyGroups(kinds: readonly StoredKind[]): object {
  const names = [...new Set(kinds.map(({ group }) => group))].filter((group) => group !== '')
  const groups = names.map((name) => {
    const versions = [...new Set(kinds.filter(({ group }) => group === name).map(({ version }) => version))]
    return { name, versions: versions.map((version) => ({ version })) }
  })
  return { kind: 'APIGroupList', groups }
}

export function legacyResources(kinds: readonly StoredKind[], group: string, version: string): object | undefined {
  const found = kinds.filter((kind) => kind.group === group && kind.version === version)
  if (found.length === 0) return undefined
  const resources = found.flatMap(({ plural, kind, namespaced, hasStatus }) => [
    { name: plural, kind, namespaced, verbs },
    ...(hasStatus ? [{ name: `${plural}/status`, kind, namespaced, verbs: ['get', 'patch', 'update'] }] : []),
  ])
  return { kind: 'APIResourceList', resources }
}
