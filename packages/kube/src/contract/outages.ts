// The network and the server fail; afterwards we know what is, without a change that was none.
import { describe, expect, it } from '@jest/globals'
import { until } from '@penstock/testkit'
import { gateKind, listenTo, type Rig } from './rig.ts'

export function outagesContract(rig: () => Rig): void {
  describe('through outages', () => {
    const scope = () => ({ namespaces: [rig().namespace] })
    const gates = async () => {
      const reflection = listenTo<{ spec: { size: number } }>(await rig().connect(), { kind: gateKind, scope: scope() })
      await until('the list', () => reflection.state.is === 'synced')
      reflection.take()
      return reflection
    }

    it('goes on after a cut with what happened meanwhile; a second life is another object', async () => {
      await rig().gate('kept', { size: 1 })
      await rig().gate('gone')
      await rig().gate('again', { size: 1 })
      const reflection = await gates()
      rig().line.cut()
      await until('it notices', () => reflection.state.is === 'synced' && reflection.state.fault)
      await rig().remove('gone')
      await rig().remove('again')
      await rig().gate('again', { size: 1 })
      await rig().gate('new')
      rig().line.mend()
      await until('the changes', () => reflection.changes.length >= 7)
      await reflection.relist()
      expect(reflection.take().sort()).toEqual(['+again', '+new', '-again', '-gone'])
      expect(reflection.state).toEqual({ is: 'synced' })
    })

    it('is unknown, not empty, before the server answers', async () => {
      await rig().gate('a')
      rig().line.cut()
      const reflection = listenTo(await rig().connect(), { kind: gateKind, scope: scope() })
      await until('a fault', () => reflection.state.is === 'unknown' && reflection.state.fault)
      expect(reflection.unclear(rig().namespace)).toBe(true)
      rig().line.mend()
      await until('the list', () => reflection.state.is === 'synced')
      expect(reflection.take()).toEqual(['+a'])
    })

    it('notices a watch that fell silent, and goes on without a new list', async () => {
      const kube = await rig().connect({ limits: { silenceMs: 500 } })
      const reflection = listenTo(kube, { kind: gateKind, scope: scope() })
      await until('the list', () => reflection.state.is === 'synced')
      await rig().gate('a')
      await until('the watch', () => reflection.changes.length === 1)
      await until('its silence', () => rig().line.made >= 2)
      rig().line.hush()
      await rig().gate('b')
      await until('the change', () => reflection.changes.length === 2)
      expect(reflection.states).toEqual([{ is: 'synced' }])
    })

    it('survives a server that is killed', async () => {
      await rig().gate('a', { size: 1 })
      const reflection = await gates()
      await rig().server.kill()
      await until('it notices', () => reflection.state.is === 'synced' && reflection.state.fault)
      await rig().server.start()
      await until('contact', () => reflection.state.is === 'synced' && !reflection.state.fault)
      expect(reflection.take()).toEqual([])
      await until('an edit', () =>
        rig()
          .edit('a', { size: 2 })
          .then(() => true),
      )
      await until('the change', () => reflection.changes.length === 2)
      expect(reflection.take()).toEqual(['+a'])
    })

    it('survives a server that is frozen: a write waits, and is made once', async () => {
      await rig().gate('a', { size: 1 })
      const reflection = await gates()
      const writer = (await rig().connect()).writer({ fieldManager: 'one' })
      rig().server.freeze()
      const ref = { kind: gateKind, namespace: rig().namespace, name: 'a' }
      const writing = writer.apply(ref, { spec: { size: 2 } }, { force: true })
      const relisted = reflection.relist()
      await until('it notices', () => reflection.state.is === 'synced' && reflection.state.fault)
      rig().server.thaw()
      expect(await writing).toMatchObject({ is: 'written', object: { spec: { size: 2 } } })
      expect(await relisted).toEqual({ is: 'synced' })
      await until('the change', () => reflection.changes.length === 2)
      expect(reflection.take()).toEqual(['+a'])
    })
  })
}
