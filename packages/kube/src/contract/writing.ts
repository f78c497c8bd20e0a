// Everything that we write, and everybody else who writes the same.
import { describe, expect, it } from '@jest/globals'
import { Fault } from '@penstock/fault'
import { until } from '@penstock/testkit'
import type { PlainObject } from '../api-object.ts'
import { gateKind, type Rig } from './rig.ts'

export function writingContract(rig: () => Rig): void {
  describe('writing', () => {
    const ref = (name: string) => ({ kind: gateKind, namespace: rig().namespace, name })
    const statusOf = async (name: string) => (await rig().admin.get(ref(name)))?.['status']
    const writerOf = async (fieldManager: string) => (await rig().connect()).writer({ fieldManager })
    const ready = (status: string): PlainObject => ({ conditions: [{ type: 'Ready', status }] })

    it('applies: creates, changes, and gives up what it names no more', async () => {
      const writer = await writerOf('one')
      expect(await writer.apply(ref('a'), { spec: { size: 1, text: 'x' } })).toMatchObject({
        is: 'written',
        object: { kind: 'Gate', spec: { size: 1, text: 'x' } },
      })
      await writer.apply(ref('a'), { spec: { size: 2 } })
      expect((await rig().admin.get(ref('a')))?.['spec']).toEqual({ size: 2 })
    })

    it('tells who owns a field, and takes it when told to', async () => {
      await (await writerOf('one')).apply(ref('a'), { spec: { size: 1 } })
      const other = await writerOf('two')
      expect(await other.apply(ref('a'), { spec: { size: 2 } })).toMatchObject({
        is: 'conflict',
        fields: ['.spec.size'],
      })
      expect(await other.apply(ref('a'), { spec: { size: 2 } }, { force: true })).toMatchObject({ is: 'written' })
    })

    it('applies a status beside the conditions of others', async () => {
      const { metadata } = await rig().gate('a', { size: 1 })
      await (await writerOf('one')).applyStatus(ref('a'), ready('True'))
      const writer = await writerOf('two')
      const own = { conditions: [{ type: 'Lit', status: 'False' }] }
      const done = await writer.applyStatus(ref('a'), own, { uid: metadata.uid, force: true })
      expect(done).toMatchObject({ is: 'written', object: { spec: { size: 1 } } })
      expect(await statusOf('a')).toEqual({
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Lit', status: 'False' },
        ],
      })
    })

    it('says gone of what is not there, or is another', async () => {
      await rig().gate('a')
      const writer = await writerOf('one')
      expect(await writer.applyStatus(ref('missing'), ready('True'))).toEqual({ is: 'gone' })
      expect(await writer.editStatus(ref('missing'), () => ready('True'))).toEqual({ is: 'gone' })
      const uid = '00000000-0000-4000-8000-00000000dead'
      expect(await writer.applyStatus(ref('a'), {}, { uid })).toEqual({ is: 'gone' })
      expect(await writer.apply(ref('missing'), { spec: {} }, { uid })).toEqual({ is: 'gone' })
      expect(await writer.delete(ref('missing'), { uid })).toEqual({ is: 'gone' })
      expect(await writer.delete(ref('a'), { uid })).toEqual({ is: 'gone' })
      expect(await rig().admin.get(ref('a'))).toBeDefined()
    })

    it('lets go of a field that another of our field managers holds, and the field stays', async () => {
      const writer = await writerOf('one')
      const size = async () => ((await rig().admin.get(ref('a')))?.['spec'] as { size?: number } | undefined)?.size
      await writer.apply(ref('a'), { spec: { text: 'x', size: 3 } })
      await writer.apply(ref('a'), { spec: { size: 3 } }, { fieldManager: 'other' })
      await writer.apply(ref('a'), { spec: { text: 'x' } })
      expect(await size()).toBe(3)
      await writer.apply(ref('a'), { spec: {} }, { fieldManager: 'other' })
      expect(await size()).toBeUndefined()
    })

    it('applies to the version it means, or says conflict', async () => {
      const { metadata } = await rig().gate('a', { size: 1 })
      const { uid, resourceVersion } = metadata
      const writer = await writerOf('one')
      const meant = { uid, resourceVersion, force: true }
      expect(await writer.applyStatus(ref('a'), ready('True'), meant)).toMatchObject({ is: 'written' })
      expect(await writer.applyStatus(ref('a'), ready('False'), meant)).toEqual(stale)
      expect(await writer.apply(ref('a'), { spec: { size: 2 } }, meant)).toEqual(stale)
      expect(await rig().admin.get(ref('a'))).toMatchObject({ spec: { size: 1 }, status: ready('True') })
    })

    it('makes what is not there, and touches nothing that is', async () => {
      const writer = await writerOf('one')
      const absent = { absent: true, force: true }
      expect(await writer.apply(ref('a'), { spec: { size: 1 } }, absent)).toMatchObject({ is: 'written' })
      const before = await rig().admin.get(ref('a'))
      expect(await writer.apply(ref('a'), { spec: { text: 'x' } }, absent)).toEqual(stale)
      expect(await (await writerOf('two')).apply(ref('a'), { spec: { text: 'x' } }, absent)).toEqual(stale)
      expect(await rig().admin.get(ref('a'))).toEqual(before)
      // It owns what it made as after every apply.
      await writer.apply(ref('a'), { spec: { text: 'y' } })
      expect((await rig().admin.get(ref('a')))?.['spec']).toEqual({ text: 'y' })
    })

    it.each(['uid', 'my-uid-gw'])('takes the name %s for no word about another uid', async (name) => {
      const { metadata } = await rig().gate(name, { size: 1 })
      const { uid, resourceVersion } = metadata
      await rig().edit(name, { size: 2 })
      const writer = await writerOf('one')
      const meant = { uid, resourceVersion, force: true }
      expect(await writer.apply(ref(name), { spec: { size: 3 } }, meant)).toEqual(stale)
      expect(await writer.delete(ref(name), { uid, resourceVersion })).toMatchObject({ is: 'conflict' })
      const other = { uid: '00000000-0000-4000-8000-00000000dead' }
      expect(await writer.apply(ref(name), { spec: { size: 3 } }, { ...other, force: true })).toEqual({ is: 'gone' })
      expect(await writer.delete(ref(name), other)).toEqual({ is: 'gone' })
      await writer.delete(ref(name), { uid })
    })

    it('says refused of what is invalid', async () => {
      const done = await (await writerOf('one')).apply(ref('a'), { spec: { size: 'large' } })
      expect(done).toMatchObject({ is: 'refused' })
    })

    it('edits a list that is replaced as one, without losing what others put there', async () => {
      await rig().gate('a')
      const writers = await Promise.all(['one', 'two', 'three'].map(writerOf))
      const results = await Promise.all(
        writers.map((writer, index) =>
          writer.editStatus(ref('a'), ({ status }) => {
            const { parents = [] } = (status ?? {}) as { parents?: string[] }
            return { parents: [...parents, `p${index}`] }
          }),
        ),
      )
      expect(results.map(({ is }) => is)).toEqual(['written', 'written', 'written'])
      const status = (await statusOf('a')) as { parents: string[] }
      expect(status.parents.toSorted()).toEqual(['p0', 'p1', 'p2'])
    })

    it('writes no status that is there already, and removes what the edit leaves out', async () => {
      await rig().gate('a')
      const writer = await writerOf('one')
      await writer.editStatus(ref('a'), () => ({ parents: ['p'], ...ready('True') }))
      const before = await rig().admin.get(ref('a'))
      expect(await writer.editStatus(ref('a'), ({ status }) => status as PlainObject)).toEqual({ is: 'unchanged' })
      expect(await writer.editStatus(ref('a'), () => undefined)).toEqual({ is: 'unchanged' })
      expect((await rig().admin.get(ref('a')))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
      await writer.editStatus(ref('a'), () => ({ parents: [] }))
      expect(await statusOf('a')).toEqual({ parents: [] })
    })

    it('sets a finalizer once, and lets the object go with it', async () => {
      const { metadata } = await rig().gate('a')
      const writer = await writerOf('one')
      const finalizer = 'contract.penstock.dev/used'
      expect(await writer.setFinalizer(ref('a'), finalizer, true)).toMatchObject({ is: 'written' })
      expect(await writer.setFinalizer(ref('a'), finalizer, true)).toEqual({ is: 'unchanged' })
      await writer.delete(ref('a'), { uid: metadata.uid })
      expect((await rig().admin.get(ref('a')))?.metadata).toMatchObject({ finalizers: [finalizer] })
      await writer.setFinalizer(ref('a'), finalizer, false)
      await until('it is gone', async () => !(await rig().admin.get(ref('a'))))
    })

    it('deletes the version it means, or nothing', async () => {
      const { metadata } = await rig().gate('a', { size: 1 })
      const { uid, resourceVersion } = metadata
      await rig().edit('a', { size: 2 })
      const writer = await writerOf('one')
      expect(await writer.delete(ref('a'), { uid, resourceVersion })).toMatchObject({ is: 'conflict' })
      expect(await writer.delete(ref('a'), { uid })).toEqual({ is: 'gone' })
      expect(await rig().admin.get(ref('a'))).toBeUndefined()
    })

    it('needs no more rights than it says', async () => {
      await rig().gate('a')
      const user = `writer-${rig().namespace}`
      const writer = (await rig().connect({ user })).writer({ fieldManager: 'one' })
      await expect(writer.applyStatus(ref('a'), ready('True'))).rejects.toMatchObject({ code: 'kube_forbidden' })
      await rig().allow(user, { group: gateKind.group, resources: ['gates/status'], verbs: ['get', 'patch'] })
      await until('it may', () => writer.applyStatus(ref('a'), ready('True')).then(Boolean, () => false))
      expect(await writer.editStatus(ref('a'), () => ({ parents: ['p'] }))).toMatchObject({ is: 'written' })
      await expect(writer.apply(ref('a'), { spec: {} })).rejects.toMatchObject({ code: 'kube_forbidden' })
    })

    it('asks before every attempt whether it still may, and what is wanted now', async () => {
      await rig().gate('a')
      let lease = true
      const guard = (): void => {
        if (!lease) throw new Fault('kube_forbidden', 'another leads')
      }
      const writer = (await rig().connect()).writer({ fieldManager: 'one', guard })
      let wanted: PlainObject | undefined = ready('False')
      rig().line.cut()
      const writing = writer.applyStatus(ref('a'), () => wanted)
      wanted = ready('True')
      rig().line.mend()
      expect(await writing).toMatchObject({ is: 'written' })
      expect(await statusOf('a')).toEqual(ready('True'))
      wanted = undefined
      expect(await writer.applyStatus(ref('a'), () => wanted)).toEqual({ is: 'unchanged' })
      lease = false
      await expect(writer.applyStatus(ref('a'), ready('False'))).rejects.toThrow('another leads')
    })

    it('gives up a write whose lease is lost while it waits, so that it is not made in a later term', async () => {
      await rig().gate('a')
      let lease = true
      const guard = (): void => {
        if (!lease) throw new Fault('lease_lost', 'another leads')
      }
      const writer = (await rig().connect()).writer({ fieldManager: 'one', guard })
      rig().line.cut()
      const writing = writer.applyStatus(ref('a'), ready('False'))
      lease = false
      rig().line.mend()
      await expect(writing).rejects.toMatchObject({ code: 'lease_lost' })
      lease = true
      await writer.editStatus(ref('a'), () => undefined)
      expect(await statusOf('a')).toBeUndefined()
    })

    it('records an Event once', async () => {
      const regarding = await rig().gate('a')
      const kube = await rig().connect()
      const writer = kube.writer({ fieldManager: 'penstock.dev/gateway-controller' })
      const event = {
        regarding,
        type: 'Warning',
        reason: 'Refused',
        action: 'Programming',
        note: 'n'.repeat(2_000),
      } as const
      for (let each = 0; each < 5; each += 1) writer.event(event)
      writer.event({ ...event, reason: 'Last' })
      const events = () => rig().admin.list(eventKind, { namespaces: [rig().namespace] })
      await until('both', async () => (await events()).some((each) => each['reason'] === 'Last'))
      expect((await events()).map((each) => each['reason']).sort()).toEqual(['Last', 'Refused'])
      expect((await events())[0]).toMatchObject({
        type: 'Warning',
        reportingController: 'penstock.dev/gateway-controller',
        regarding: { kind: 'Gate', name: 'a', uid: regarding.metadata.uid },
      })
    })
  })
}

const stale = { is: 'conflict', message: expect.any(String), fields: [] }

const eventKind = {
  group: 'events.k8s.io',
  kind: 'Event',
  plural: 'events',
  versions: ['v1'],
  namespaced: true,
} as const
