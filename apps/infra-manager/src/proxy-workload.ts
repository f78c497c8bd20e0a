// The Deployment or DaemonSet of a fleet, and its pods. Pure.
import { createHash } from 'node:crypto'
import type { KindInfo } from '@penstock/gateway-api'
import type { Infra } from '@penstock/ir'
import type { PlainObject } from '@penstock/kube'
import { drainSecondsOf, graceSecondsOf } from './drain.ts'
import { mergeJson, objectOf } from './json-merge.ts'
import { daemonSet, deployment, filesAnnotation } from './owned-kinds.ts'
import { proxySelector } from './proxy-names.ts'

/** What a plane has to say: one container, and the files that it reads. */
export interface ProxyContainer {
  readonly container: PlainObject
  /** By file name, in `configFolder`. */
  readonly files: Readonly<Record<string, string>>
  /** It finds its own in `identityFolder`. */
  readonly hasIdentity: boolean
}

export interface WorkloadParts {
  readonly name: string
  /** Ours, which nothing else may overrule. */
  readonly labels: Readonly<Record<string, string>>
  readonly container: PlainObject
  readonly hasIdentity: boolean
  /** What the pods find in `configFolder`. */
  readonly files: unknown
}

export const configFolder = '/etc/penstock'
export const identityFolder = '/etc/penstock-identity'
/** A user that no file belongs to. */
const nobody = 65_532

export const workloadKind = ({ parameters }: Pick<Infra, 'parameters'>): KindInfo =>
  parameters?.workload === daemonSet.kind ? daemonSet : deployment

export function workloadSpec(infra: Infra, parts: WorkloadParts): PlainObject {
  const spec = { selector: { matchLabels: proxySelector(parts.name) }, template: podTemplate(infra, parts) }
  // A new one serves before an old one goes.
  const update = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  if (workloadKind(infra) === daemonSet) return { ...spec, updateStrategy: update }
  const { replicas, autoscaling } = infra.parameters ?? {}
  // Where nobody says how many, or an autoscaler does, the number is not ours to put back.
  const isOurs = replicas !== undefined && autoscaling === undefined
  return { ...spec, strategy: update, ...(isOurs ? { replicas } : {}) }
}

function podTemplate(infra: Infra, { name, labels, container, hasIdentity, files }: WorkloadParts): PlainObject {
  const { pod, resourcesJson = '' } = infra.parameters ?? {}
  // What a pod reads once is part of what it is.
  const print = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
  const securityContext = {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  }
  const mounts = Array.isArray(container['volumeMounts']) ? container['volumeMounts'] : []
  const whole = {
    ...container,
    ...(resourcesJson === '' ? {} : { resources: objectOf(resourcesJson) }),
    securityContext: mergeJson(securityContext, objectOf(pod?.containerSecurityContextJson ?? '')),
    volumeMounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      ...(hasIdentity ? [{ name: 'identity', mountPath: identityFolder, readOnly: true }] : []),
      ...mounts,
    ],
  }
  const spec = {
    ...{ serviceAccountName: name, automountServiceAccountToken: false },
    terminationGracePeriodSeconds: graceSecondsOf(drainSecondsOf(infra)),
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: nobody, runAsGroup: nobody },
      seccompProfile: { type: 'RuntimeDefault' },
      // The files of an identity are of root, for the group alone.
      ...(hasIdentity ? { fsGroup: nobody } : {}),
      // Listeners listen on their own port, whatever it is, without a capability.
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    },
    containers: [whole],
    volumes: [
      { name: 'config', configMap: { name } },
      // Without it a pod waits. Its content changes while the pod runs, so it is no part of what the pod is.
      ...(hasIdentity ? [{ name: 'identity', secret: { secretName: name, defaultMode: 0o440 } }] : []),
    ],
    ...(pod && Object.keys(pod.nodeSelector).length > 0 ? { nodeSelector: pod.nodeSelector } : {}),
  }
  return {
    metadata: {
      labels: { ...infra.labels, ...pod?.labels, ...labels },
      annotations: { ...infra.annotations, ...pod?.annotations, [filesAnnotation]: print },
    },
    spec: mergeJson(spec, objectOf(pod?.specJson ?? '')),
  }
}
