// The pods of an installation as an operator sees them: of which build, ready, leaving, leading.
import type { ApiObject, Kube } from '@penstock/kube'
import { metricAt } from '../bench/prometheus.ts'
import { podKind } from '../cluster-chaos/kinds.ts'
import { adminOf, type Replica, replicaOf } from '../cluster-chaos/replicas.ts'

export interface Pod extends Replica {
  /** The tag of its image. */
  readonly build: string
  /** It was told to end. */
  readonly leaving: boolean
}

export async function podsOf(kube: Kube, namespace: string): Promise<readonly Pod[]> {
  const labelSelector = 'app.kubernetes.io/part-of=penstock'
  const found = await kube.list(podKind, { namespaces: [namespace], labelSelector })
  // Jobs that have ended leave their pods.
  return found.filter(({ status }) => !['Succeeded', 'Failed'].includes(phaseOf(status))).map(podOf)
}

const phaseOf = (status: unknown): string => (status as { readonly phase?: string } | undefined)?.phase ?? ''

function podOf(pod: ApiObject): Pod {
  const { containers } = pod['spec'] as { readonly containers: readonly { readonly image: string }[] }
  return {
    ...replicaOf(pod),
    build: /:([^:/]+)$/.exec(containers[0]?.image ?? '')?.[1] ?? '',
    leaving: pod.metadata.deletionTimestamp !== undefined,
  }
}

/** Whether it leads now; false too when it does not answer. */
export const leads = async (pod: Pod): Promise<boolean> =>
  (await metricAt(adminOf(pod), 'penstock_bus_leading').catch(() => 0)) > 0

/** What an operator would not call healthy. */
export function complaintsOf(pods: readonly Pod[]): readonly string[] {
  return pods.flatMap(({ name, ready, restarts, leaving }) => [
    ...(ready ? [] : [`${name} is not ready${leaving ? ', and is leaving' : ''}`]),
    ...(restarts === 0 ? [] : [`${name} was restarted ${restarts} times`]),
  ])
}
