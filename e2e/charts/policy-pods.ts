// What holds for all our pods: the restricted profile of Kubernetes' Pod Security Standards, and what we ask beyond it.
import type { Rules } from './policy.ts'
import { containersOf } from './workload.ts'

const volumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]

export const podRules: Rules = {
  *'a pod is nobody in particular'({ workloads }) {
    for (const { name, pod } of workloads) {
      const { runAsNonRoot, runAsUser, seccompProfile } = pod.securityContext ?? {}
      if (runAsNonRoot !== true) yield `${name} may be root`
      // Without one the cluster gives it: no user of an image that is root passes `runAsNonRoot`.
      if (runAsUser !== undefined && runAsUser < 10_000) yield `${name} is user ${runAsUser}`
      if (seccompProfile?.type !== 'RuntimeDefault') yield `${name} may call anything of the kernel`
      if (pod.hostNetwork || pod.hostPID || pod.hostIPC) yield `${name} is part of its node`
      for (const { name: volume, ...rest } of pod.volumes ?? []) {
        if (!Object.keys(rest).some((kind) => volumes.includes(kind))) yield `${name} has the volume ${volume}`
      }
    }
  },
  *'a container can change nothing'({ workloads }) {
    for (const workload of workloads) {
      for (const { name, securityContext = {} } of containersOf(workload)) {
        const { privileged, allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = securityContext
        const place = `${name} of ${workload.name}`
        if (privileged || allowPrivilegeEscalation !== false) yield `${place} can become root`
        if (readOnlyRootFilesystem !== true) yield `${place} can write where it runs`
        if (!capabilities?.drop?.includes('ALL') || capabilities.add) yield `${place} has capabilities`
      }
    }
  },
  *'a container says what it needs'({ workloads }) {
    for (const workload of workloads) {
      for (const { name, resources } of containersOf(workload)) {
        if (!resources?.requests?.['cpu'] || !resources.requests['memory'])
          yield `${name} of ${workload.name}: requests`
        if (!resources?.limits?.['memory']) yield `${name} of ${workload.name}: the most memory`
      }
    }
  },
  *'a container that serves is probed'({ workloads }) {
    for (const { name, pod } of workloads.filter(({ ends }) => !ends)) {
      for (const container of pod.containers.filter(({ ports }) => ports)) {
        const missing = (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).filter(
          (probe) => !container[probe],
        )
        if (missing.length > 0) yield `${container.name} of ${name}: ${missing.join(', ')}`
      }
    }
  },
  *'an image is one and the same'({ workloads }) {
    for (const workload of workloads) {
      for (const { image } of containersOf(workload)) {
        const tag = /:(\w[\w.-]{0,127})$/.exec(image)?.[1]
        const isExact = /@sha256:[0-9a-f]{64}$/.test(image) || (tag !== undefined && tag !== 'latest')
        if (!isExact) yield `${workload.name} runs ${image}`
      }
    }
  },
  *'a pod knows nothing of other services, and has room to end'({ workloads }) {
    for (const { name, pod, ends } of workloads) {
      if (pod.enableServiceLinks !== false) yield `${name} is told of every Service`
      if (!ends && (pod.terminationGracePeriodSeconds ?? 0) < 10) yield `${name} is killed at once`
    }
  },
  *'a volume that is mounted is there, and one that is there is mounted'({ workloads }) {
    for (const workload of workloads) {
      const there = [...(workload.pod.volumes ?? []).map(({ name }) => name), ...workload.claims]
      const mounted = containersOf(workload).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name))
      yield* mounted.filter((name) => !there.includes(name)).map((name) => `${name} of ${workload.name} is not there`)
      yield* there.filter((name) => !mounted.includes(name)).map((name) => `${name} of ${workload.name} is not mounted`)
    }
  },
  *'replicas are spread over zones and nodes'({ workloads }) {
    for (const { name, pod } of workloads.filter(({ ends }) => !ends)) {
      if (pod.topologySpreadConstraints?.length !== 2) yield name
    }
  },
}
