// How every service is told where its Kubernetes API is: one table in the form that `service` reads, and what it opens.
import { Fault } from '@penstock/fault'
import type { Logger, Meter } from '@penstock/telemetry'
import type { ClusterAccess } from './access.ts'
import { accessInCluster, serviceAccountFolder } from './in-cluster.ts'
import { createKube, type Kube } from './kube.ts'
import { accessByKubeconfig } from './kubeconfig.ts'

export interface KubeConfig {
  kubeconfig: string
  kubeContext: string
  serviceAccount: string
}

interface KubeSetting {
  readonly env: `PENSTOCK_${string}`
  parse(text: string): string
  readonly default: string
  readonly sentence: string
}

const text = (value: string): string => value

export const kubeSettings: { readonly [Name in keyof KubeConfig]: KubeSetting } = {
  kubeconfig: {
    env: 'PENSTOCK_KUBECONFIG',
    parse: text,
    default: '',
    sentence: 'A kubeconfig file; empty: the service account of the pod, else $KUBECONFIG or ~/.kube/config.',
  },
  kubeContext: {
    env: 'PENSTOCK_KUBE_CONTEXT',
    parse: text,
    default: '',
    sentence: 'The context of the kubeconfig, instead of its current one.',
  },
  serviceAccount: {
    env: 'PENSTOCK_SERVICE_ACCOUNT',
    parse: text,
    default: serviceAccountFolder,
    sentence: "The folder with `token` and `ca.crt` of the pod's service account.",
  },
}

export async function openKube(
  config: Readonly<KubeConfig>,
  parts: { readonly service: string; readonly log: Logger; readonly meter: Meter },
): Promise<Kube> {
  return createKube({ access: await accessOf(config), ...parts })
}

async function accessOf({ kubeconfig, kubeContext, serviceAccount }: Readonly<KubeConfig>): Promise<ClusterAccess> {
  if (kubeconfig === '' && kubeContext === '') {
    const inCluster = await accessInCluster(serviceAccount)
    if (inCluster) return inCluster
  }
  try {
    return await accessByKubeconfig({
      ...(kubeconfig === '' ? {} : { file: kubeconfig }),
      ...(kubeContext === '' ? {} : { context: kubeContext }),
    })
  } catch (thrown) {
    throw Fault.from(thrown, 'kube_misconfigured')
  }
}
