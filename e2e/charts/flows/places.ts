// Who is on the network of an installation: its own pods, and the pods and machines around it.
import { proxyLabels } from '@penstock/infra-manager'
import type { KubeObject } from '../release.ts'
import { containersOf, workloadsOf } from '../workload.ts'
import type { NetworkPolicy, Place } from './reach.ts'

/** What is there at one time: a hook's pod with what governs it, or the rest. */
export interface Moment {
  readonly places: readonly Place[]
  readonly policies: readonly NetworkPolicy[]
}

/** The moments of a release: helm takes away what a hook has before it goes on. */
export function momentsOf(objects: readonly KubeObject[]): readonly Moment[] {
  const hooks = Map.groupBy(objects, ({ metadata }) => metadata.annotations?.['helm.sh/hook'])
  return [...hooks.values()].map((there) => ({ places: placesOf(there), policies: policiesOf(there) }))
}

export const policiesOf = (objects: readonly KubeObject[]): readonly NetworkPolicy[] =>
  objects.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as readonly NetworkPolicy[]

function placesOf(objects: readonly KubeObject[]): readonly Place[] {
  return objects.flatMap((object) =>
    workloadsOf([object]).map((workload) => ({
      name: workload.name,
      ...(object.metadata.namespace !== undefined && { namespace: object.metadata.namespace }),
      labels: workload.labels,
      address: '10.0.0.1',
      ports: containersOf(workload).flatMap(({ ports = [] }) => ports),
    })),
  )
}

const pod = (name: string, namespace: string, labels: Readonly<Record<string, string>>): Place => ({
  ...{ name, namespace, labels, address: '10.0.0.2', ports: [] },
})
const machine = (name: string, address: string): Place => ({ name, address, labels: {}, ports: [] })

/** Proxies that Penstock runs, those in the namespace of an installation too. */
export const proxiesBeside = (namespace: string): readonly Place[] =>
  ['team-a', namespace].map((home) => pod(`proxy in ${home}`, home, proxyLabels({ name: 'web' }, 'penstock')))

/** Pods that are none of ours, of which one looks like it. */
export const strangersBeside = (namespace: string): readonly Place[] => [
  pod('stranger', 'team-a', { app: 'shop' }),
  pod('neighbour', namespace, { app: 'shop' }),
  pod('impostor', 'team-a', { 'app.kubernetes.io/part-of': 'penstock', 'app.kubernetes.io/name': 'watcher' }),
]

export const prometheus = pod('prometheus', 'monitoring', { app: 'prometheus' })
export const dns = pod('dns', 'kube-system', { 'k8s-app': 'kube-dns' })
export const apiServer = machine('API server', '172.16.0.1')
export const ownProxy = machine('own proxy', '192.0.2.7')
export const world = machine('the world', '198.51.100.1')
