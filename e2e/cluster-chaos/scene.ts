// Everything that the chaos has at hand in a cluster: objects to write and read, our services, and the one Gateway.
import { type ApiObject, accessByKubeconfig, createKube, type Kube } from '@penstock/kube'
import { exchange, type HttpAnswer, until } from '@penstock/testkit'
import { editHeader, hostOf } from '../chaos/chaos-folder.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Manifest } from '../features/manifests.ts'
import { allConditions, type StatusFile } from '../features/status-file.ts'
import { type ControlPlane, controlPlaneOf } from './control-plane.ts'
import { refOf, refTo } from './kinds.ts'
import { type Proxies, type Proxy, proxiesOf } from './proxies.ts'
import { createReplicas, type Replicas } from './replicas.ts'
import { gatewayName, ports, proxyImage, scenery } from './scenery.ts'

export interface Scene extends AsyncDisposable {
  readonly cluster: Cluster
  readonly controlPlane: ControlPlane
  readonly kube: Kube
  readonly replicas: Replicas
  /** Of the Gateway, to those outside. */
  readonly address: string
  write(...manifests: readonly Manifest[]): Promise<void>
  remove(kind: string, name: string): Promise<void>
  /** To a request for the host of a route. */
  answer(route: string, port?: number): Promise<HttpAnswer>
  /** All is well with this object, as it is now, by its own status. */
  isWell(kind: string, name: string): Promise<boolean>
  readonly proxies: Proxies
  /** The Gateway's only one. */
  proxy(): Promise<Proxy>
}

const startDeadlineMs = 60_000
/** A fifth of the outages here lasts; waiting longer than that would be told as their fault. */
const limits = { retryMaxMs: 1_000, answerTimeoutMs: 5_000 }

export async function openScene(cluster: Cluster): Promise<Scene> {
  const access = await accessByKubeconfig({ file: cluster.kubeconfig })
  const kube = createKube({ access, service: 'chaos', limits })
  const writer = kube.writer({ fieldManager: 'chaos', writesPerSecond: 100, burst: 100 })
  const replicas = createReplicas(kube)
  const proxies = proxiesOf(kube, gatewayName)
  const write = async (...manifests: readonly Manifest[]): Promise<void> => {
    for (const manifest of manifests) {
      const { apiVersion: _, kind: __, ...body } = manifest
      const written = await writer.apply(refOf(manifest), body, { force: true })
      if (written.is === 'refused' || written.is === 'conflict') throw new Error(written.message)
    }
  }
  const isWell = async (kind: string, name: string): Promise<boolean> => isSaidWell(await kube.get(refTo(kind, name)))
  await write(...scenery())
  await replicas.look()
  const address = await until('the Gateway has an address', () => addressOf(kube), startDeadlineMs)
  await until('all is well with the Gateway', () => isWell('Gateway', gatewayName), startDeadlineMs)
  // An earlier scene here may have left others, which end first.
  await proxies.untilThereAre(1, ({ image }) => image === proxyImage)
  return {
    ...{ cluster, controlPlane: controlPlaneOf(cluster), kube, replicas, proxies, address, write, isWell },
    async remove(kind, name) {
      const found = await kube.get(refTo(kind, name))
      if (found) await writer.delete(refTo(kind, name), { uid: found.metadata.uid })
    },
    answer: (route, port = ports.http) => exchange({ address, port, host: hostOf(route) }),
    async proxy() {
      const [proxy, ...others] = await proxies.look()
      if (!proxy || others.length > 0) throw new Error(`the Gateway has ${others.length + (proxy ? 1 : 0)} proxies`)
      return proxy
    },
    [Symbol.asyncDispose]: () => kube[Symbol.asyncDispose](),
  }
}

/** The number of the edit that an answer shows. */
export const editOf = ({ headers }: HttpAnswer): string | undefined => headers[editHeader]

async function addressOf(kube: Kube): Promise<string | undefined> {
  const found = await kube.get(refTo('Gateway', gatewayName))
  const { addresses = [] } = (found?.['status'] ?? {}) as { readonly addresses?: readonly { readonly value: string }[] }
  return addresses[0]?.value
}

const mustBeTrue = /^(Accepted|ResolvedRefs|(penstock\.dev\/)?Programmed)$/

/** Every condition that must hold does, and says so of what the object is now. */
export function isSaidWell(object: ApiObject | undefined): boolean {
  if (!object?.['status']) return false
  const conditions = allConditions(object as unknown as StatusFile).filter(({ type }) => mustBeTrue.test(type))
  const isOfNow = ({ status, observedGeneration }: (typeof conditions)[number]): boolean =>
    status === 'True' && observedGeneration === object.metadata['generation']
  return conditions.some(({ type }) => type.endsWith('Programmed')) && conditions.every(isOfNow)
}
