// The pods of a Gateway's proxies, and what its GatewayConfig says of them.
import type { ApiObject, Kube } from '@penstock/kube'
import { until } from '@penstock/testkit'
import { namespace, podKind } from './kinds.ts'
import { type Replica, replicaOf } from './replicas.ts'

export interface Proxy extends Replica {
  readonly image: string
}

export interface Proxies {
  /** Those that are to stay. */
  look(): Promise<readonly Proxy[]>
  /** So many are ready, all are as they must be, and none is ending. */
  untilThereAre(count: number, isRight?: (proxy: Proxy) => boolean): Promise<void>
}

/** An Envoy drains for a while before it ends. */
const deadlineMs = 120_000

export function proxiesOf(kube: Kube, gatewayName: string): Proxies {
  const labelSelector = `gateway.networking.k8s.io/gateway-name=${gatewayName}`
  const list = (): Promise<ApiObject[]> => kube.list(podKind, { namespaces: [namespace], labelSelector })
  const isEnding = ({ metadata }: ApiObject): boolean => metadata.deletionTimestamp !== undefined
  return {
    look: async () => (await list()).filter((pod) => !isEnding(pod)).map(proxyOf),
    async untilThereAre(count, isRight = () => true) {
      const areThere = async (): Promise<boolean> => {
        const pods = await list()
        if (pods.length !== count || pods.some(isEnding)) return false
        return pods.map(proxyOf).every((proxy) => proxy.ready && isRight(proxy))
      }
      await until(`the Gateway has ${count} proxies as they must be`, areThere, deadlineMs)
    },
  }
}

interface PodSpec {
  readonly containers: readonly { readonly image: string }[]
}

const proxyOf = (pod: ApiObject): Proxy => ({
  ...replicaOf(pod),
  image: (pod['spec'] as PodSpec).containers[0]?.image ?? '',
})
