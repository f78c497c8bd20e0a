// Objects that are made and written whole, and looked at by those who may write them but not read them.
import { describe, expect, it } from '@jest/globals'
import type { KindInfo } from '@penstock/gateway-api'
import type { ApiObject, PlainObject } from '../api-object.ts'
import { ownersOf } from '../field-owners.ts'
import type { Writer } from '../writer.ts'
import type { Rig } from './rig.ts'

const secret: KindInfo = { group: '', kind: 'Secret', plural: 'secrets', versions: ['v1'], namespaced: true }
const data = { password: 'c2VjcmV0' }
const annotation = 'example.dev/of'

export function replacingContract(rig: () => Rig): void {
  describe('replacing', () => {
    const ref = (name = 'a') => ({ kind: secret, namespace: rig().namespace, name })
    const found = (name = 'a') => rig().admin.get(ref(name))
    const writerOf = async (fieldManager: string): Promise<Writer> => (await rig().connect()).writer({ fieldManager })
    const there = (content: PlainObject = {}, metadata: PlainObject = {}): Promise<ApiObject> =>
      rig().admin.create(secret, { ...content, metadata: { ...metadata, name: 'a', namespace: rig().namespace } })
    const other = { uid: '00000000-0000-4000-8000-00000000dead' }

    it('makes what is not there, and touches nothing that is', async () => {
      const writer = await writerOf('one')
      expect(await writer.create(ref(), { data })).toMatchObject({ is: 'written', object: { data } })
      const before = await found()
      expect(await writer.create(ref(), { data: {} })).toEqual({ ...stale, message: expect.stringContaining('exists') })
      expect(await found()).toEqual(before)
    })

    it('writes all of what is there, and makes nothing', async () => {
      await there({ data }, { labels: { a: 'b' }, annotations: { c: 'd' } })
      const writer = await writerOf('one')
      await writer.replace(ref(), { data: { other: 'eA==' }, metadata: { labels: { e: 'f' } } })
      const { metadata, ...content } = (await found()) as ApiObject
      expect(content).toMatchObject({ data: { other: 'eA==' } })
      expect(metadata).toMatchObject({ labels: { e: 'f' } })
      expect(metadata.annotations).toBeUndefined()
      expect(await writer.replace(ref('missing'), {})).toEqual({ is: 'gone' })
      expect(await writer.replace(ref('missing'), {}, { uid: metadata.uid })).toEqual({ is: 'gone' })
      expect(await found('missing')).toBeUndefined()
    })

    it('writes the object and the version that it means, or nothing', async () => {
      const { uid, resourceVersion } = (await there()).metadata
      const writer = await writerOf('one')
      const meant = { uid, resourceVersion }
      expect(await writer.replace(ref(), { data }, meant)).toMatchObject({ is: 'written' })
      const before = await found()
      expect(await writer.replace(ref(), {}, meant)).toEqual(stale)
      expect(await writer.replace(ref(), {}, { ...meant, ...other })).toEqual({ is: 'gone' })
      expect(await writer.replace(ref(), {}, other)).toEqual({ is: 'gone' })
      expect(await found()).toEqual(before)
    })

    it('tries without writing, and is told nothing of what is there but its uid and version', async () => {
      const { uid, resourceVersion } = (await there({ data }, { labels: { a: 'theirs' } })).metadata
      const before = await found()
      const writer = await writerOf('one')
      const tried = await writer.replace(ref(), { metadata: { labels: { b: 'c' } } }, { dryRun: true })
      expect(tried).toMatchObject({ is: 'written', object: { metadata: { uid, resourceVersion, labels: { b: 'c' } } } })
      expect(JSON.stringify(tried)).not.toMatch(/c2VjcmV0|password|theirs/)
      expect(await writer.replace(ref(), {}, { dryRun: true, resourceVersion: '1' })).toEqual(stale)
      expect(await writer.replace(ref('missing'), {}, { dryRun: true })).toEqual({ is: 'gone' })
      expect(await found()).toEqual(before)
    })

    it('tells by a trial who has written the same value', async () => {
      const [writer, mark] = [await writerOf('one'), { annotations: { [annotation]: 'us' } }]
      const owners = async (): Promise<string[] | undefined> => {
        const tried = await writer.replace(ref(), { metadata: mark }, { dryRun: true, fieldManager: 'trial' })
        return tried.is === 'written' ? ownersOf(tried.object, ['metadata', 'annotations', annotation]) : undefined
      }
      await writer.create(ref(), { metadata: mark })
      expect(await owners()).toEqual(['one'])
      await writer.apply(ref(), { metadata: mark, data }, { fieldManager: 'two' })
      expect((await owners())?.toSorted()).toEqual(['one', 'two'])
      await writer.replace(ref(), { metadata: { annotations: { [annotation]: 'them' } } }, { fieldManager: 'three' })
      expect(await owners()).toEqual(['trial'])
      await writer.replace(ref(), {})
      expect(await owners()).toEqual(['trial'])
      // Of what the server keeps no track of nobody owns anything, whatever it says.
      await writer.replace(ref(), { metadata: mark })
      const path = `/api/v1/namespaces/${rig().namespace}/secrets/a`
      const body = { metadata: { managedFields: [{}] } }
      await rig().admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body })
      expect(await owners()).toEqual([])
    })

    it('says refused of what may not change', async () => {
      await there({ data, immutable: true })
      const writer = await writerOf('one')
      const said = [
        await writer.replace(ref(), { type: 'example.dev/other' }, { dryRun: true }),
        await writer.replace(ref(), { data: { password: 'eA==' } }),
      ]
      expect(said.map(({ is }) => is)).toEqual(['refused', 'refused'])
      expect(JSON.stringify(said)).not.toContain('c2VjcmV0')
    })
  })
}

const stale = { is: 'conflict', message: expect.any(String), fields: [] }
