// What holds for every object that our charts install, with whatever values. Each rule answers with what is wrong.
import { accessRules } from './policy-access.ts'
import { networkRules } from './policy-network.ts'
import { podRules } from './policy-pods.ts'
import type { KubeObject } from './release.ts'
import { type Workload, workloadsOf } from './workload.ts'

export interface Release {
  readonly objects: readonly KubeObject[]
  readonly workloads: readonly Workload[]
}

export type Rules = Readonly<Record<string, (release: Release) => Iterable<string>>>

const labels = ['name', 'instance', 'part-of', 'version', 'managed-by'].map((label) => `app.kubernetes.io/${label}`)
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/
/** Of no namespace. */
const clusterKinds = [
  ...['ClusterRole', 'ClusterRoleBinding', 'GatewayClass'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
]

const objectRules: Rules = {
  *'an object says what it belongs to'({ objects }) {
    for (const { kind, metadata } of objects) {
      const missing = [...labels, 'helm.sh/chart'].filter((label) => !metadata.labels?.[label])
      if (missing.length > 0) yield `${kind} ${metadata.name} has no ${missing.join(', ')}`
    }
  },
  *'a label is one to Kubernetes'({ objects, workloads }) {
    const all = [
      ...objects.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.labels ?? {}] as const),
      ...workloads.map(({ name, labels: ofPods }) => [`a pod of ${name}`, ofPods] as const),
    ]
    for (const [who, labelsOf] of all) {
      const wrong = Object.values(labelsOf).filter((value) => !labelValue.test(value))
      if (wrong.length > 0) yield `${who} has the label ${wrong.join(', ')}`
    }
  },
  *'an object says which namespace it is in'({ objects }) {
    for (const { kind, metadata } of objects) {
      if (clusterKinds.includes(kind) === (metadata.namespace !== undefined)) yield `${kind} ${metadata.name}`
    }
  },
  *'an object is there once'({ objects }) {
    const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
    yield* keys.filter((key, place) => keys.indexOf(key) !== place)
  },
  *'a name fits into a label'({ objects }) {
    for (const { kind, metadata } of objects) if (metadata.name.length > 63) yield `${kind} ${metadata.name}`
  },
  *'a chart holds no secret'({ objects }) {
    for (const { kind, metadata } of objects) if (kind === 'Secret') yield metadata.name
  },
}

export const policy: Rules = { ...objectRules, ...podRules, ...networkRules, ...accessRules }

export const releaseOf = (objects: readonly KubeObject[]): Release => ({ objects, workloads: workloadsOf(objects) })

/** What is wrong, after the name of the rule. */
export const complaints = (objects: readonly KubeObject[], rules: Rules = policy): string[] =>
  Object.entries(rules).flatMap(([name, judge]) =>
    [...judge(releaseOf(objects))].map((complaint) => `${name}: ${complaint}`),
  )
