// One that was cut off from the bus while its peer worked, and comes back when the peer is gone.
import { expect, it } from '@jest/globals'
import type { Bus } from '@penstock/bus'
import { Transport } from '@penstock/ir'
import { until } from '@penstock/testkit'
import { keyOf, onEachServer } from './cluster-rig.test-data.ts'
import { service } from './owned-kinds.ts'

interface Asked {
  readonly leadership: { readonly leading: boolean; readonly waitsFor?: string }
  readonly channels: readonly { readonly does: string; readonly synced?: boolean }[]
}
const asked = (bus: Bus): Asked => bus.inspect() as unknown as Asked

onEachServer((rig) => {
  it('undoes nothing that it has not heard of', async () => {
    const { broker, fleet, feedback, live, want, find, all, stands } = rig()
    const first = live()
    want('uid-1')
    await stands('uid-1')
    want(undefined)
    await until('everything is gone', async () => (await all()).length === 0)
    const second = live('two')
    const hasRead = (): boolean => asked(second.bus).channels.some(({ does, synced }) => does === 'follows' && synced)
    await until('the second has read that nothing is wanted', hasRead)
    const hear = broker.deafen(second.bus)
    want('uid-2', { ports: [{ port: 81, transport: Transport.TCP }] })
    await stands('uid-2')
    const before = (await all()).map(({ metadata }) => metadata.uid)
    await first[Symbol.asyncDispose]()

    await until('it waits, with the lease', () => asked(second.bus).leadership.waitsFor?.startsWith('infra'))
    expect(asked(second.bus).leadership.leading).toBe(true)
    hear()
    await until('it has looked at everything', () => feedback.has(keyOf(fleet, 'two')))
    want('uid-2', { ports: [{ port: 82, transport: Transport.TCP }] })
    await until('its first write', async () => JSON.stringify(await find(service)).includes('tcp-82'))
    expect((await all()).map(({ metadata }) => metadata.uid)).toEqual(before)
  })
})
