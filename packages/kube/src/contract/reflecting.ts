// Following the objects of a kind: lists, changes, and what is the same.
import { describe, expect, it } from '@jest/globals'
import { kindInfo, resourceKey } from '@penstock/gateway-api'
import { until } from '@penstock/testkit'
import { gateKind, listenTo, type Rig } from './rig.ts'

export function reflectingContract(rig: () => Rig): void {
  describe('reflecting', () => {
    const scope = () => ({ namespaces: [rig().namespace] })
    const key = (name: string): string => `contract.penstock.dev/Gate/${rig().namespace}/${name}`

    it('tells a whole list as one batch, then what changes, in order', async () => {
      await rig().gate('a', { size: 1 })
      await rig().gate('b')
      const gates = listenTo(await rig().connect({ limits: { pageSize: 1 } }), { kind: gateKind, scope: scope() })
      await until('the list', () => gates.state.is === 'synced')
      expect(gates.batches).toEqual([2])
      expect(gates.take()).toEqual(['+a', '+b'])
      await rig().gate('c')
      await rig().edit('a', { size: 2 })
      await rig().remove('b')
      await until('the changes', () => gates.changes.length >= 5)
      expect(gates.take()).toEqual(['+c', '+a', '-b'])
      expect(gates.get(key('a'))).toMatchObject({ kind: 'Gate', spec: { size: 2 }, metadata: { generation: 2 } })
      expect([...gates.entries()].map(([each]) => each).sort()).toEqual([key('a'), key('c')])
      expect(gates.states).toEqual([{ is: 'synced' }])
    })

    it('keeps nothing that only concerns the API server, and tells no change of it', async () => {
      await rig().gate('a', { size: 1 })
      const gates = listenTo(await rig().connect(), { kind: gateKind, scope: scope() })
      await until('the list', () => gates.state.is === 'synced')
      gates.take()
      const ref = { kind: gateKind, namespace: rig().namespace, name: 'a' }
      const writer = rig().admin.writer({ fieldManager: 'status' })
      await writer.applyStatus(ref, { conditions: [{ type: 'Ready', status: 'True' }] })
      await rig().gate('b')
      await until('the next change', () => gates.changes.length === 2)
      expect(gates.take()).toEqual(['+b'])
      const kept = gates.get(key('a'))
      expect(kept).not.toHaveProperty('status')
      expect(kept).not.toHaveProperty('metadata.managedFields')
      expect(kept).not.toHaveProperty('metadata.resourceVersion')
    })

    it('names what it tells as everybody else does', async () => {
      await rig().gate('a')
      const gates = listenTo<never>(await rig().connect(), { kind: gateKind, scope: scope() })
      const first = await until('a change', () => gates.changes[0])
      expect(resourceKey(first.value as never)).toBe(first.key)
    })

    it('tells kind and version of built-in objects, whose lists leave them out', async () => {
      const services = listenTo<{ apiVersion: string; kind: string }>(await rig().connect(), {
        kind: kindInfo('', 'Service') as never,
      })
      await rig().admin.create(
        kindInfo('', 'Service') as never,
        {
          metadata: { name: 'one', namespace: rig().namespace },
          spec: { ports: [{ port: 80 }] },
        } as never,
      )
      const own = await until('the service', () => services.get(`/Service/${rig().namespace}/one`))
      expect(own).toMatchObject({ apiVersion: 'v1', kind: 'Service' })
    })

    it('tells nothing of a list that is the same', async () => {
      await rig().gate('a', { size: 1 })
      const gates = listenTo(await rig().connect(), { kind: gateKind, scope: scope() })
      await until('the list', () => gates.state.is === 'synced')
      gates.take()
      expect(await gates.relist()).toEqual({ is: 'synced' })
      expect(gates.take()).toEqual([])
    })

    it('knows after a new list what happened before it was asked for', async () => {
      const gates = listenTo(await rig().connect(), { kind: gateKind, scope: scope() })
      await until('the list', () => gates.state.is === 'synced')
      for (const name of ['a', 'b', 'c']) {
        await rig().gate(name)
        await gates.relist()
        expect(gates.get(key(name))).toBeDefined()
      }
      expect(gates.take()).toEqual(['+a', '+b', '+c'])
    })

    it('reads the namespaces it is asked for, and no other', async () => {
      const one = rig()
      const gates = listenTo(await one.connect(), { kind: gateKind, scope: { namespaces: [one.namespace, 'empty'] } })
      await one.admin.create(gateKind, gateIn('default', 'elsewhere'))
      await one.gate('here')
      await until('the change', () => gates.changes.length > 0)
      await gates.relist()
      expect(gates.take()).toEqual(['+here'])
      const { metadata } = (await one.admin.get({ kind: gateKind, namespace: 'default', name: 'elsewhere' })) ?? never()
      const writer = one.admin.writer({ fieldManager: 'contract' })
      await writer.delete({ kind: gateKind, namespace: 'default', name: 'elsewhere' }, { uid: metadata.uid })
    })

    it('follows what a selector selects: a label that goes is a removal', async () => {
      const labelled = (labels: object) => ({ metadata: { name: 'a', namespace: rig().namespace, labels } })
      const ref = { kind: gateKind, namespace: rig().namespace, name: 'a' }
      const writer = rig().admin.writer({ fieldManager: 'labels' })
      const gates = listenTo(await rig().connect(), {
        kind: gateKind,
        scope: { ...scope(), labelSelector: 'watched=yes' },
      })
      await until('the list', () => gates.state.is === 'synced')
      await writer.apply(ref, labelled({ watched: 'no' }))
      await writer.apply(ref, labelled({ watched: 'yes' }))
      await until('it to come', () => gates.changes.length === 1)
      await writer.apply(ref, labelled({ watched: 'no' }))
      await until('it to go', () => gates.changes.length === 2)
      expect(gates.take()).toEqual(['+a', '-a'])
    })

    it('keeps the identity of what is not wanted yet, and reads it again when it is', async () => {
      let wanted = false
      const gates = listenTo(await rig().connect(), {
        kind: gateKind,
        scope: scope(),
        transform: (object) => (wanted ? object['spec'] : undefined),
      })
      await rig().gate('a', { size: 1 })
      await until('the list', () => gates.state.is === 'synced')
      await gates.relist()
      expect(gates.take()).toEqual([])
      wanted = true
      await gates.reread([key('a'), key('missing')])
      expect(gates.changes).toEqual([{ key: key('a'), value: { size: 1 } }])
    })

    it('asks for metadata alone where that is enough', async () => {
      await rig().gate('a', { size: 1 })
      const gates = listenTo(await rig().connect(), { kind: gateKind, scope: scope(), metadataOnly: true })
      await rig().gate('b', { size: 1 })
      await until('both', () => gates.changes.length === 2)
      for (const { value } of gates.changes) {
        expect(value).toMatchObject({ apiVersion: 'contract.penstock.dev/v1', kind: 'Gate' })
        expect(value).not.toHaveProperty('spec')
      }
    })

    it('waits for who takes the changes', async () => {
      const kube = await rig().connect()
      const took: number[] = []
      let ready = (): void => {}
      const gates = kube.reflect({
        kind: gateKind,
        scope: scope(),
        onChange(changes) {
          took.push(changes.length)
          return new Promise<void>((resolve) => {
            ready = resolve
          })
        },
      })
      await rig().gate('a')
      await until('the first', () => took.length === 1)
      for (const name of ['b', 'c', 'd']) await rig().gate(name)
      expect(took).toEqual([1])
      ready()
      await until('the rest', () => {
        ready()
        return took.reduce((sum, count) => sum + count, 0) === 4
      })
      ready()
      await gates[Symbol.asyncDispose]()
    })
  })
}

const gateIn = (namespace: string, name: string): never =>
  ({ apiVersion: 'contract.penstock.dev/v1', kind: 'Gate', metadata: { name, namespace } }) as never

const never = (): never => {
  throw new Error('it is not there')
}
