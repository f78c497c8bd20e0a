// Kinds that are not served, or not ours to read: facts, not outages.
import { describe, expect, it } from '@jest/globals'
import { customResourceDefinitionKind, type KindInfo } from '@penstock/gateway-api'
import { until } from '@penstock/testkit'
import { define, gateKind, listenTo, type Rig } from './rig.ts'

let kinds = 0

/** A kind that no other test defines. */
function newKind(): KindInfo {
  kinds += 1
  const name = `kind${process.pid}n${kinds}`
  const kind = `K${name.slice(1)}`
  return { ...gateKind, kind, plural: `${name}s` }
}

export function discoveringContract(rig: () => Rig): void {
  describe('discovering', () => {
    const undefine = async ({ plural, group }: KindInfo): Promise<void> => {
      const ref = { kind: customResourceDefinitionKind, name: `${plural}.${group}` }
      const definition = await rig().admin.get(ref)
      await rig()
        .admin.writer({ fieldManager: 'contract' })
        .delete(ref, { uid: definition?.metadata.uid ?? '' })
      await until('it is gone', async () => !(await rig().admin.get(ref)))
    }

    it('says which kinds are served, in which versions, with which parts', async () => {
      const discovery = (await rig().connect()).discover()
      const served = await until('what is served', () => discovery.served)
      expect(served.get('contract.penstock.dev/Gate')).toMatchObject({
        plural: 'gates',
        namespaced: true,
        versions: ['v1'],
        subresources: new Set(['status']),
      })
      expect(served.get('/Service')?.verbs.has('watch')).toBe(true)
      expect(served.get('/Namespace')?.namespaced).toBe(false)
    })

    it('holds a kind that is not served, reads it when it is, and keeps what it knew when it goes', async () => {
      const kind = newKind()
      const kube = await rig().connect({ limits: { heldRetryMs: 60_000 } })
      kube.discover()
      const things = listenTo(kube, { kind })
      await until('held', () => things.state.is === 'held')
      expect(things.states.at(-1)).toMatchObject({ reason: 'not_served', namespaces: [''] })
      expect(things.unclear('default')).toBe(true)
      expect(await things.relist()).toMatchObject({ is: 'held' })

      await define(rig().admin, kind)
      await until('synced', () => things.state.is === 'synced')
      const thing = { metadata: { name: 'one', namespace: 'default' }, apiVersion: `${kind.group}/v1`, kind: kind.kind }
      await rig().admin.create(kind, thing)
      await until('the object', () => things.changes.length === 1)

      await undefine(kind)
      await until('held again', () => things.state.is === 'held')
      // What the server deleted, it may have told; of anything else nothing is said.
      expect(['+one', '+one -one']).toContain(things.take().join(' '))

      await define(rig().admin, kind)
      await until('synced again', () => things.state.is === 'synced')
      expect([...things.entries()]).toEqual([])
    })

    it('reads an older version where the first is not served, and moves on when it is', async () => {
      const kind = newKind()
      await define(rig().admin, { ...kind, versions: ['v1beta1'] }, ['v1beta1'])
      const kube = await rig().connect()
      kube.discover()
      const things = listenTo(kube, { kind })
      await until('synced', () => things.state.is === 'synced')
      expect(things.version).toBe('v1beta1')
      await undefine(kind)
      await define(rig().admin, kind, ['v1', 'v1beta1'])
      await until('the better version', () => things.version === 'v1' && things.state.is === 'synced')
    })

    it('holds a kind that is forbidden until it is allowed, and when it is forbidden again', async () => {
      await rig().gate('a')
      const user = `reader-${rig().namespace}`
      const gates = listenTo(await rig().connect({ user }), {
        kind: gateKind,
        scope: { namespaces: [rig().namespace] },
      })
      await until('held', () => gates.state.is === 'held')
      expect(gates.state).toMatchObject({ reason: 'forbidden', namespaces: [rig().namespace] })
      const rule = { group: gateKind.group, resources: ['gates'], verbs: ['list', 'watch'] }
      const forbid = await rig().allow(user, rule)
      await until('synced', () => gates.state.is === 'synced')
      expect(gates.take()).toEqual(['+a'])
      await forbid()
      await until('it is forbidden', async () => (await gates.relist()).is === 'held')
      expect(gates.take()).toEqual([])
      expect([...gates.entries()]).toHaveLength(1)
    })

    it('tells what our account may', async () => {
      const user = `asker-${rig().namespace}`
      const kube = await rig().connect({ user })
      const question = { verb: 'patch', group: gateKind.group, resource: 'gates', subresource: 'status' }
      expect(await kube.may(question)).toBe(false)
      await rig().allow(user, { group: gateKind.group, resources: ['gates/status'], verbs: ['patch'] })
      await until('it may', () => kube.may(question))
      expect(await kube.may({ ...question, verb: 'delete' })).toBe(false)
      const { resourceRules } = await kube.rules('default')
      expect(resourceRules).toContainEqual(
        expect.objectContaining({ verbs: ['patch'], apiGroups: [gateKind.group], resources: ['gates/status'] }),
      )
    })
  })
}
