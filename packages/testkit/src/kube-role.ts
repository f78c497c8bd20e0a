// What a user of an API server may do, as the objects that say so.

export interface KubeRule {
  readonly group: string
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const rights = { group: 'rbac.authorization.k8s.io', versions: ['v1'], namespaced: false } as const

/** To be created, each with its kind. */
export function kubeRole(name: string, user: string, rules: readonly KubeRule[]) {
  const metadata = { name }
  const role = rules.map(({ group, ...rule }) => ({ apiGroups: [group], ...rule }))
  const subjects = [{ kind: 'User', name: user, apiGroup: rights.group }]
  const roleRef = { kind: 'ClusterRole', name, apiGroup: rights.group }
  return [
    { kind: { ...rights, kind: 'ClusterRole', plural: 'clusterroles' }, object: { metadata, rules: role } },
    {
      kind: { ...rights, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' },
      object: { metadata, subjects, roleRef },
    },
  ] as const
}

interface Access {
  credentials(): Promise<{ readonly headers: Readonly<Record<string, string>> }>
}

/** The same access as another user: who holds all rights may impersonate. */
export function asUser<A extends Access>(access: A, user: string): A {
  return {
    ...access,
    async credentials() {
      const credentials = await access.credentials()
      return { ...credentials, headers: { ...credentials.headers, 'impersonate-user': user } }
    },
  }
}
