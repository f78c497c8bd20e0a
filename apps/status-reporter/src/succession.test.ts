// One that was cut off from the bus while its peer worked, and comes back when the peer is gone.
import { expect, it } from '@jest/globals'
import type { Bus } from '@penstock/bus'
import { startFakeKubeApi, until } from '@penstock/testkit'
import { createRig, defineWritten, fine, parentOf, said, tokenAccess, wrong } from './cluster-rig.test-data.ts'

interface Asked {
  readonly leadership: { readonly waitsFor?: string }
  readonly channels: readonly { readonly does: string; readonly synced?: boolean }[]
}
const asked = (bus: Bus): Asked => bus.inspect() as unknown as Asked

it('writes no status that its peer has replaced', async () => {
  await using api = await startFakeKubeApi()
  await defineWritten(tokenAccess(api.url))
  await using rig = await createRig(tokenAccess(api.url))
  const route = await rig.make('HTTPRoute', 'default/web')
  const other = await rig.make('HTTPRoute', 'default/other')
  const resolved = (condition: ReturnType<typeof fine>) => ({ parents: [parentOf('gw', [condition])] })
  const first = rig.live()
  await rig.want({ source: route, status: resolved(wrong('ResolvedRefs')) })
  await rig.has(route, (status) => said(status).join() === 'ResolvedRefs False 1')
  const second = rig.live()
  const hasRead = (): boolean => asked(second.bus).channels.some(({ does, synced }) => does === 'follows' && synced)
  await until('the second has read it', hasRead)
  const hear = rig.broker.deafen(second.bus)
  await rig.want({ source: route, status: resolved(fine('ResolvedRefs')) })
  await rig.has(route, (status) => said(status).join() === 'ResolvedRefs True 1')
  const { resourceVersion } = (await rig.object(route)).metadata
  await first[Symbol.asyncDispose]()

  await until('it waits', () => asked(second.bus).leadership.waitsFor?.startsWith('status'))
  hear()
  await rig.want({ source: other, status: resolved(fine('ResolvedRefs')) })
  await rig.has(other, (status) => said(status).join() === 'ResolvedRefs True 1')
  expect((await rig.object(route)).metadata.resourceVersion).toBe(resourceVersion)
})
