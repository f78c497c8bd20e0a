// Every object that a cluster holds, by kind, namespace and name.
import { until } from '@penstock/testkit'
import type { Cluster } from '../cluster/cluster.ts'

export type Inventory = ReadonlySet<string>

/** They come and go by themselves, the last with the kinds that it names. */
const fleeting = ['events', 'events.events.k8s.io', 'componentstatuses', 'apiservices.apiregistration.k8s.io']
const settleDeadlineMs = 60_000

export async function takeInventory({ kubectl }: Cluster): Promise<Inventory> {
  const resources = (await kubectl(['api-resources', '--verbs=list', '--output=name'])).trim().split('\n')
  const kinds = resources.filter((name) => !fleeting.includes(name)).join(',')
  const columns = '--output=custom-columns=KIND:.kind,NAMESPACE:.metadata.namespace,NAME:.metadata.name'
  const listed = await kubectl(['get', kinds, '--all-namespaces', '--no-headers', columns])
  const lines = listed
    .trim()
    .split('\n')
    .map((line) => line.split(/ +/))
  return new Set(
    lines.map(([kind, namespace, name]) => [kind, namespace === '<none>' ? '' : namespace, name].join('/')),
  )
}

/** What must have been added since then, in the end; rejects with what is too much and what is missing. */
export async function untilAdded(cluster: Cluster, before: Inventory, expected: readonly string[]): Promise<void> {
  const sentences = async (): Promise<readonly string[]> => {
    const now = await takeInventory(cluster)
    const added = [...now].filter((object) => !before.has(object))
    return [
      ...added.filter((object) => !expected.includes(object)).map((object) => `${object} was left`),
      ...expected.filter((object) => !now.has(object)).map((object) => `${object} is gone`),
      ...[...before].filter((object) => !now.has(object)).map((object) => `${object}, which was there before, is gone`),
    ]
  }
  await until('only what is to stay is left', async () => (await sentences()).length === 0, settleDeadlineMs).catch(
    async () => {
      throw new Error((await sentences()).join(', '))
    },
  )
}
