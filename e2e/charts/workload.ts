// The pods of a release, whatever kind of object runs them.
import type { KubeObject } from './release.ts'

export interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>
    readonly limits?: Readonly<Record<string, string>>
  }
  readonly securityContext?: {
    readonly privileged?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly readOnlyRootFilesystem?: boolean
    readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] }
  }
  readonly startupProbe?: object
  readonly livenessProbe?: object
  readonly readinessProbe?: object
  readonly volumeMounts?: readonly { readonly name: string }[]
}

export interface PodSpec {
  readonly serviceAccountName?: string
  readonly automountServiceAccountToken?: boolean
  readonly enableServiceLinks?: boolean
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean
    readonly runAsUser?: number
    readonly runAsGroup?: number
    readonly fsGroup?: number
    readonly seccompProfile?: { readonly type: string }
  }
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[]
  readonly topologySpreadConstraints?: readonly object[]
}

export interface Workload {
  readonly kind: string
  readonly name: string
  readonly replicas: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly pod: PodSpec
  /** Volumes that a StatefulSet makes for each. */
  readonly claims: readonly string[]
  /** It is there to end. */
  readonly ends: boolean
}

interface WorkloadSpec {
  readonly replicas?: number
  readonly template: { readonly metadata?: { readonly labels?: Record<string, string> }; readonly spec: PodSpec }
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[]
}

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']

export function workloadsOf(objects: readonly KubeObject[]): readonly Workload[] {
  return objects
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, metadata, spec }) => {
      const job = spec?.['jobTemplate'] as { readonly spec: unknown } | undefined
      const { replicas, template, volumeClaimTemplates = [] } = (job?.spec ?? spec) as WorkloadSpec
      return {
        ...{ kind, name: metadata.name, replicas, pod: template.spec, labels: template.metadata?.labels ?? {} },
        claims: volumeClaimTemplates.map((claim) => claim.metadata.name),
        ends: kind === 'Job' || kind === 'CronJob',
      }
    })
}

export const containersOf = ({ pod }: Workload): readonly Container[] => [
  ...pod.containers,
  ...(pod.initContainers ?? []),
]

/** Whether a selector with these labels takes these pods. */
export const selects = (selector: Readonly<Record<string, string>>, { labels }: Workload): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value)
