// Who may do what in Kubernetes.
import type { Release, Rules } from './policy.ts'

const bindings = ['RoleBinding', 'ClusterRoleBinding']

/** The accounts that a role is bound to. */
const boundAccounts = ({ objects }: Release): ReadonlySet<string> =>
  new Set(
    objects
      .filter(({ kind }) => bindings.includes(kind))
      .flatMap(({ subjects = [] }) => subjects.map(({ name }) => name)),
  )

export const accessRules: Rules = {
  *'a token is for those who have rights, and for them alone'(release) {
    const bound = boundAccounts(release)
    for (const { name, pod } of release.workloads) {
      const has = bound.has(pod.serviceAccountName ?? '')
      if (pod.automountServiceAccountToken !== has) yield `${name} ${has ? 'has rights and no token' : 'has a token'}`
    }
  },
  *'every workload has an account of its own that gives no token by itself'({ objects, workloads }) {
    const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
    for (const { name, pod } of workloads) {
      const account = accounts.find(({ metadata }) => metadata.name === pod.serviceAccountName)
      if (account === undefined) yield `${name} has ${pod.serviceAccountName}, which is not of this release`
    }
    for (const account of accounts as readonly {
      automountServiceAccountToken?: boolean
      metadata: { name: string }
    }[]) {
      if (account.automountServiceAccountToken !== false) yield `${account.metadata.name} gives a token`
    }
  },
  *'a role names what it gives'({ objects }) {
    for (const { kind, metadata, rules = [] } of objects.filter(({ kind }) => kind.endsWith('Role'))) {
      const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])
      if (words.includes('*')) yield `${kind} ${metadata.name} gives everything`
      if (rules.length === 0) yield `${kind} ${metadata.name} gives nothing`
      if (words.some((word) => ['escalate', 'bind', 'impersonate'].includes(word))) yield `${kind} ${metadata.name}`
    }
  },
  *'a binding binds a role and an account of this release'({ objects }) {
    for (const { kind, metadata, roleRef, subjects = [] } of objects.filter(({ kind }) => bindings.includes(kind))) {
      const named = (wanted: string, name: string | undefined): boolean =>
        objects.some((object) => object.kind === wanted && object.metadata.name === name)
      if (!named(roleRef?.kind ?? '', roleRef?.name))
        yield `${kind} ${metadata.name}: ${roleRef?.kind} ${roleRef?.name}`
      for (const { kind: subject, name } of subjects) {
        if (!named(subject, name)) yield `${kind} ${metadata.name}: ${subject} ${name}`
      }
    }
  },
}
