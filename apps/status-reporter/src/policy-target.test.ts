// What becomes of the status of a policy, whose ancestors are one list that controllers share: on the fake API server.
import { expect, it } from '@jest/globals'
import { startFakeKubeApi } from '@penstock/testkit'
import {
  controllerName,
  createRig,
  defineWritten,
  fine,
  parentOf,
  refOf,
  tokenAccess,
  wrong,
} from './cluster-rig.test-data.ts'

const theirs = {
  ancestorRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'unmanaged' },
  controllerName: 'example.com/other',
  conditions: [
    {
      ...{ type: 'Accepted', status: 'True', reason: 'Accepted', message: '' },
      ...{ lastTransitionTime: '2020-01-01T00:00:00Z', observedGeneration: 1 },
    },
  ],
}

it('has an entry of ours for each Gateway, and those of others as they are', async () => {
  await using api = await startFakeKubeApi()
  await defineWritten(tokenAccess(api.url))
  await using rig = await createRig(tokenAccess(api.url))
  const source = await rig.make('BackendTLSPolicy', 'default/safe')
  await rig.writer.editStatus(refOf(source), () => ({ ancestors: [theirs] }))
  rig.live()
  const [one, two] = [parentOf('one', [fine('Accepted'), fine('ResolvedRefs')]), parentOf('two', [wrong('Accepted')])]
  await rig.want({ source, status: { parents: [one, two] } })
  await rig.has(source, ({ ancestors }) => ancestors?.length === 3)
  const { ancestors = [], parents } = await rig.status(source)
  expect(parents).toBeUndefined()
  expect(ancestors[0]).toEqual(theirs)
  expect(ancestors[1]).toMatchObject({
    ancestorRef: { kind: 'Gateway', name: 'one' },
    controllerName,
    conditions: [
      { type: 'Accepted', status: 'True', observedGeneration: source.generation },
      { type: 'ResolvedRefs', status: 'True' },
    ],
  })
  expect(ancestors[2]?.conditions).toMatchObject([{ type: 'Accepted', status: 'False' }])

  await rig.want({ source, status: { parents: [two] } })
  await rig.has(source, (status) => status.ancestors?.length === 2)
  await rig.want({ source })
  await rig.has(source, (status) => status.ancestors?.length === 1)
  expect(await rig.status(source)).toEqual({ ancestors: [theirs] })
})
