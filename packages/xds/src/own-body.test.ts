import { expect, it } from '@jest/globals'
import { cluster, gone, listener, set, startRig, told } from './rig.ts'

it('a proxy gets bodies of its own, its neighbour those of the fleet, and nothing is sent again when it comes back', async () => {
  await using rig = await startRig(
    {},
    {
      ownBody: ({ metadata: { at } }) =>
        typeof at === 'string'
          ? (typeUrl, body) => (typeUrl === listener ? Buffer.concat([body, Buffer.from(`@${at}`)]) : body)
          : undefined,
    },
  )
  rig.commit(set(cluster, 'a', '1'), set(listener, 'a', '1'))
  const own = rig.client('own', { node: { id: 'own', cluster: 'f', metadata: { at: 'home' } } })
  const plain = rig.client('plain')
  for (const client of [own, plain]) {
    for (const typeUrl of [cluster, listener]) client.subscribe(typeUrl)
    await client.until(() => client.responses.length === 2)
  }
  expect(told(own)).toEqual(['Cluster +a=1', 'Listener +a=1@home'])
  expect(told(plain)).toEqual(['Cluster +a=1', 'Listener +a=1'])
  own.disconnect()
  rig.commit(set(cluster, 'b', '1'))
  own.connect()
  await own.until(() => own.responses.length === 3)
  rig.commit(gone(cluster, 'b'))
  await own.until(() => own.responses.length === 4)
  expect(told(own).slice(2)).toEqual(['Cluster +b=1', 'Cluster -b'])
})
