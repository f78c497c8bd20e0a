// Who reaches whom, and how many of whom may be away.
import type { Release, Rules } from './policy.ts'
import type { KubeObject } from './release.ts'
import { containersOf, selects, type Workload } from './workload.ts'

type Labels = Readonly<Record<string, string>>

const selectorOf = ({ kind, spec }: KubeObject): Labels => {
  if (kind === 'Service') return spec?.['selector'] as Labels
  const selector = spec?.[kind === 'NetworkPolicy' ? 'podSelector' : 'selector'] as { matchLabels?: Labels }
  return selector.matchLabels ?? {}
}

const ofKind = ({ objects }: Release, ...kinds: readonly string[]): readonly KubeObject[] =>
  objects.filter(({ kind }) => kinds.includes(kind))

const takenBy = (object: KubeObject, { workloads }: Release): readonly Workload[] =>
  workloads.filter((workload) => selects(selectorOf(object), workload))

export const networkRules: Rules = {
  *'a pod is behind a NetworkPolicy, both ways'(release) {
    const policies = ofKind(release, 'NetworkPolicy')
    for (const workload of release.workloads) {
      const own = policies.filter((policy) => selects(selectorOf(policy), workload))
      const ways = own.flatMap(({ spec }) => spec?.['policyTypes'] as string[])
      if (!ways.includes('Ingress') || !ways.includes('Egress')) yield workload.name
    }
  },
  *'what selects pods selects those of one workload'(release) {
    for (const object of ofKind(release, 'Service', 'NetworkPolicy', 'PodDisruptionBudget')) {
      const taken = takenBy(object, release)
      // Jobs of a chart do the same, at different times.
      const isOne = taken.length === 1 || (taken.length > 1 && taken.every(({ ends }) => ends))
      if (!isOne) yield `${object.kind} ${object.metadata.name} takes ${taken.map(({ name }) => name)}`
    }
  },
  *'a port of a Service is one of its pods'(release) {
    for (const service of ofKind(release, 'Service')) {
      const there = takenBy(service, release)
        .flatMap(containersOf)
        .flatMap(({ ports = [] }) => ports.map(({ name }) => name))
      const asked = service.spec?.['ports'] as readonly { readonly targetPort: string }[]
      for (const { targetPort } of asked)
        if (!there.includes(targetPort)) yield `${service.metadata.name} ${targetPort}`
    }
  },
  *'what has replicas has a budget that lets nodes be emptied'(release) {
    for (const workload of release.workloads.filter(({ ends }) => !ends)) {
      const budgets = ofKind(release, 'PodDisruptionBudget').filter((budget) => selects(selectorOf(budget), workload))
      const { replicas = 2, name } = workload
      if (budgets.length !== 1) yield `${name} has ${budgets.length}`
      for (const { spec } of budgets) {
        const away = spec?.['maxUnavailable'] as number
        if (!(away >= 1 && (away < replicas || replicas === 1))) yield `${name}: ${away} of ${replicas} may be away`
      }
    }
  },
  *'what is scaled says no number itself'(release) {
    const scaled = ofKind(release, 'HorizontalPodAutoscaler').map(
      ({ spec }) => (spec as { readonly scaleTargetRef: { readonly name: string } }).scaleTargetRef.name,
    )
    for (const { name, replicas } of release.workloads.filter(({ ends }) => !ends)) {
      if (scaled.includes(name) === (replicas !== undefined)) yield name
    }
  },
}
