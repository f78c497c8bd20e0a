// Puts NATS and our services into a cluster, and waits until they are ready.
import { join, resolve } from 'node:path'
import type { Cluster } from '../cluster/cluster.ts'
import { images } from '../cluster/images.ts'
import { withPrepared } from './prepared.ts'
import { serviceNames, serviceObjects } from './services.ts'

const root = resolve(import.meta.dirname, '../..')
const manifests = join(import.meta.dirname, 'manifests')

/** The namespace of everything that is ours. */
export const systemNamespace = '--namespace=penstock-system'

/** With so many replicas of each service. */
export async function installPenstock(cluster: Cluster, say: (sentence: string) => void, replicas = 1): Promise<void> {
  for (const image of [images.nats, images.envoy, images.penstock]) await cluster.load(await image())
  say('images of NATS, Envoy and Penstock loaded')
  for (const path of [join(root, 'charts/penstock-crds/files/penstock'), join(manifests, 'namespace.yaml')]) {
    await cluster.kubectl(['apply', '--server-side', `--filename=${path}`])
  }
  await withPrepared(async (prepared) => {
    const list = { apiVersion: 'v1', kind: 'List', items: serviceObjects(prepared, replicas) }
    await cluster.kubectl(['apply', '--server-side', '--filename=-'], JSON.stringify(list))
  })
  await cluster.kubectl(['apply', '--server-side', `--filename=${manifests}`])
  for (const name of ['nats', ...serviceNames]) {
    await cluster.kubectl([systemNamespace, 'rollout', 'status', `deployment/${name}`, '--timeout=60s'])
  }
  say(`ready: nats, ${serviceNames.join(', ')}`)
}

/** What our services said, by name. */
export async function logsOfServices({ kubectl }: Cluster): Promise<ReadonlyMap<string, string>> {
  const logs = new Map<string, string>()
  for (const name of ['nats', ...serviceNames]) {
    const log = kubectl([systemNamespace, 'logs', `deployment/${name}`, '--tail=-1'])
    logs.set(name, await log.catch((error: unknown) => String(error)))
  }
  return logs
}
