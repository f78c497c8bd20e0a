// One object at a time, when what is known of it is older than it is.
import { expect, it } from '@jest/globals'
import type { ApiObject, PlainObject, Writer } from '@penstock/kube'
import { onEachServer, type Rig } from './cluster-rig.test-data.ts'
import type { LiveObject } from './live-objects.ts'
import { configMap, fleetAnnotation } from './owned-kinds.ts'
import { createOwnedWriter, type OwnedWriter, type WantedObject } from './owned-writer.ts'

const content = (text: string): PlainObject => ({ data: { text } })
const textOf = (object: ApiObject | undefined): unknown => (object?.['data'] as PlainObject | undefined)?.['text']

onEachServer((rig) => {
  function writerOf({ admin }: Rig, before = async (): Promise<unknown> => undefined): OwnedWriter {
    const writer = admin.writer({ fieldManager: 'ours' })
    const apply: Writer['apply'] = async (...asked) => {
      await before()
      return writer.apply(...asked)
    }
    return createOwnedWriter({ kube: admin, writer: { ...writer, apply } })
  }

  /** As it was known before somebody else has written it. */
  async function outdated({ admin, writer, namespace, fleet, refTo }: Rig): Promise<LiveObject> {
    const metadata = { namespace, name: 'web-penstock', annotations: { [fleetAnnotation]: fleet } }
    const { uid, resourceVersion } = (await admin.create(configMap, { metadata, ...content('first') })).metadata
    await writer.apply(refTo(configMap), { metadata: { labels: { theirs: 'a' } } })
    const unsaid = { owner: undefined, content: '', addresses: [], replicas: { wanted: 0, ready: 0, complete: true } }
    return { ref: refTo(configMap), uid, resourceVersion, fleet, ...unsaid }
  }
  const wanted = (live: LiveObject, body: WantedObject['body'] = () => content('second')): WantedObject => ({
    ...{ ref: live.ref, fleet: live.fleet, live, body },
    ...{ leastReplicas: undefined, isScaled: false },
  })
  const makeTheirs = ({ writer, refTo }: Rig): Promise<unknown> =>
    writer.apply(refTo(configMap), { metadata: { annotations: { [fleetAnnotation]: 'theirs' } } }, { force: true })

  it('writes it as it is by now, and keeps what they have written', async () => {
    const live = await outdated(rig())
    expect(await writerOf(rig()).write(wanted(live))).toMatchObject({ is: 'written' })
    const now = await rig().find(configMap)
    expect([textOf(now), now?.metadata.labels?.['theirs']]).toEqual(['second', 'a'])
  })

  it('makes it anew where it is gone', async () => {
    const live = await outdated(rig())
    await rig().writer.delete(live.ref, { uid: live.uid })
    expect(await writerOf(rig()).write(wanted(live))).toMatchObject({ is: 'written' })
    expect((await rig().find(configMap))?.metadata.uid).not.toBe(live.uid)
  })

  it('neither writes nor removes what somebody has made another’s', async () => {
    const live = await outdated(rig())
    await makeTheirs(rig())
    expect(await writerOf(rig()).write(wanted(live))).toBe('foreign')
    expect(await writerOf(rig()).remove(live)).toEqual({ is: 'unchanged' })
    expect(textOf(await rig().find(configMap))).toBe('first')
  })

  it('removes it as it is by now, but no other of its name', async () => {
    const live = await outdated(rig())
    expect(await writerOf(rig()).remove(live)).toEqual({ is: 'gone' })
    const { uid } = await outdated(rig())
    expect(await writerOf(rig()).remove(live)).toEqual({ is: 'gone' })
    expect((await rig().find(configMap))?.metadata.uid).toBe(uid)
  })

  it('says so when it is wanted no more, and when it changes with every attempt', async () => {
    const live = await outdated(rig())
    const withdrawn = wanted(live, () => undefined)
    expect(await writerOf(rig()).write(withdrawn)).toEqual({ is: 'unchanged' })
    const { writer } = rig()
    let changes = 0
    const busy = writerOf(rig(), () => {
      changes += 1
      return writer.apply(live.ref, { metadata: { labels: { theirs: `${changes}` } } })
    })
    expect(await busy.write(wanted(live))).toMatchObject({ is: 'conflict' })
    expect(changes).toBe(4)
    expect(textOf(await rig().find(configMap))).toBe('first')
  })
})
