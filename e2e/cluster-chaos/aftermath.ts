// Where a cluster must be once all is over, whatever it went through.
import { until } from '@penstock/testkit'
import type { Journal } from '../chaos/journal.ts'
import { differences, dumpOf } from './envoy-dump.ts'
import { namespace, podKind, refTo } from './kinds.ts'
import { systemNamespace } from './replicas.ts'
import { isSaidWell, type Scene } from './scene.ts'
import { writtenFacts } from './written-facts.ts'

const freshDeadlineMs = 90_000

/** Every object says that all is well with it, as it is now. */
export async function checkStatus({ kube }: Scene, journal: Journal): Promise<void> {
  const unwell = async (): Promise<readonly string[]> => {
    const kinds = ['Gateway', 'HTTPRoute'].map((kind) => refTo(kind, '').kind)
    const objects = (await Promise.all(kinds.map((kind) => kube.list(kind, { namespaces: [namespace] })))).flat()
    return objects.filter((object) => !isSaidWell(object)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  }
  await until('every status is right', async () => (await unwell()).length === 0).catch(async () => {
    for (const name of await unwell()) journal.trouble('status', `${name} is not well`)
  })
}

/** All pods of ours, NATS with all that it stored, and the proxy are replaced at one time. */
export async function compareWithFresh(scene: Scene, journal: Journal): Promise<void> {
  const { kube, replicas } = scene
  const before = await scene.proxy()
  const held = await dumpOf(before)
  const written = await writtenFacts(scene)
  const writer = kube.writer({ fieldManager: 'chaos', burst: 100 })
  const drop = (of: string, { name, uid }: { name: string; uid: string }) =>
    writer.delete({ kind: podKind, namespace: of, name }, { uid })
  await Promise.all([...replicas.known.map((pod) => drop(systemNamespace, pod)), drop(namespace, before)])
  for (const what of await replicas.complaints()) journal.trouble('process', what)
  const isFresh = async (): Promise<boolean> => {
    const proxy = await scene.proxy().catch(() => undefined)
    return proxy !== undefined && proxy.uid !== before.uid && proxy.ready
  }
  await until('the proxy was replaced', isFresh, freshDeadlineMs)
  const differing = async (): Promise<readonly string[]> => [
    ...differences(held, await dumpOf(await scene.proxy())),
    ...differences(written, await writtenFacts(scene)),
  ]
  await until('the same resources, statuses and objects', async () => (await differing()).length === 0).catch(
    async () => {
      for (const what of await differing()) journal.trouble('fresh start', what)
    },
  )
  if ((await scene.answer('exact-1')).status !== 200) journal.trouble('request', 'the new proxy does not answer')
  await checkStatus(scene, journal)
}
