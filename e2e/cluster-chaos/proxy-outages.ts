// What befalls the proxies of a Gateway: more and fewer of them, another image, and the death of one of several.
import { setTimeout as delay } from 'node:timers/promises'
import type { Outage } from '../chaos/course.ts'
import type { FaultTimes } from './faults.ts'
import { namespace, podKind } from './kinds.ts'
import type { Proxy } from './proxies.ts'
import { signal } from './replicas.ts'
import type { Scene } from './scene.ts'
import { gatewayConfig, otherProxyImage, proxyImage } from './scenery.ts'

const many = 3

/** In this order: what ends a proxy at once needs others beside it. */
export function proxyOutages(scene: Scene, { freezeMs }: Pick<FaultTimes, 'freezeMs'>): Outage[] {
  const { proxies, write } = scene
  const configure = async (replicas: number, image: string): Promise<void> => {
    await write(gatewayConfig({ image, replicas }))
    await proxies.untilThereAre(replicas, (proxy) => proxy.image === image)
  }
  const one = async (): Promise<Proxy> => {
    const [proxy] = await proxies.look()
    if (!proxy) throw new Error('the Gateway has no proxy')
    return proxy
  }
  return [
    { name: 'Gateway: 1 to 3 proxies', strike: () => configure(many, proxyImage) },
    {
      ...{ name: 'proxy, one of 3: pod deleted', proxiesEnd: 'in order' },
      async strike() {
        const { name, uid } = await one()
        await scene.kube.writer({ fieldManager: 'chaos' }).delete({ kind: podKind, namespace, name }, { uid })
        await proxies.untilThereAre(many, (proxy) => proxy.uid !== uid)
      },
    },
    {
      ...{ name: 'proxy, one of 3: kill -9', proxiesEnd: 'at once' },
      async strike() {
        const killed = await one()
        signal(killed.pid, 'SIGKILL')
        await proxies.untilThereAre(many, ({ uid, restarts }) => uid !== killed.uid || restarts > killed.restarts)
      },
    },
    {
      ...{ name: 'proxy, one of 3: frozen', proxiesEnd: 'at once' },
      async strike() {
        const { pid } = await one()
        signal(pid, 'SIGSTOP')
        await delay(freezeMs)
        signal(pid, 'SIGCONT')
        await proxies.untilThereAre(many)
      },
    },
    {
      ...{ name: 'Gateway: other image, 3 proxies', proxiesEnd: 'in order' },
      strike: () => configure(many, otherProxyImage),
    },
    { name: 'Gateway: 3 to 1 proxy', proxiesEnd: 'in order', strike: () => configure(1, otherProxyImage) },
    { name: 'Gateway: other image, 1 proxy', proxiesEnd: 'in order', strike: () => configure(1, proxyImage) },
  ]
}
