// A write that arrives when another leads: its leader was frozen, or its network cut, after it had looked and decided.
import { expect, it } from '@jest/globals'
import type { Source } from '@penstock/ir'
import { createKube, type Kube, type Writer } from '@penstock/kube'
import { startFakeKubeApi } from '@penstock/testkit'
import { controllerName, createRig, defineWritten, fine, refOf, tokenAccess } from './cluster-rig.test-data.ts'
import { createClusterTarget } from './cluster-target.ts'
import type { Render } from './status-target.ts'

/** What one that leads says of the object, as it knows it. */
const says =
  (generation: number): Render =>
  () => ({
    status: {
      conditions: [
        {
          ...{ type: 'Accepted', status: 'True', reason: 'Accepted', message: `Generation ${generation}.` },
          ...{ observedGeneration: generation, lastTransitionTime: '2026-01-01T00:00:00Z' },
        },
      ],
    },
    finalizers: [],
  })

const targetOn = (writer: Writer) =>
  createClusterTarget({ writer, fieldManager: 'us', controllerName, onRefused: fail, onOverwritten: () => {} })

const fail = (source: Source, message: string): void => {
  throw new Error(`${source.name}: ${message}`)
}

/** Its applications wait until `arrive` resolves; what it reads it reads at once. */
function lateWriter(kube: Kube, arrive: Promise<unknown>): Writer {
  const writer = kube.writer({ fieldManager: 'us' })
  return { ...writer, applyStatus: async (...args) => arrive.then(() => writer.applyStatus(...args)) }
}

it.each(['Gateway', 'GatewayClass', 'ListenerSet'])('of a %s undoes nothing that its successor wrote', async (kind) => {
  await using api = await startFakeKubeApi()
  const access = tokenAccess(api.url)
  await defineWritten(access)
  await using rig = await createRig(access)
  await using kube = createKube({ access, service: 'late' })
  const source = await rig.make(kind, kind === 'GatewayClass' ? 'one' : 'default/one')
  const arrival = Promise.withResolvers<void>()
  const late = targetOn(lateWriter(kube, arrival.promise))
  const successor = targetOn(kube.writer({ fieldManager: 'us' }))

  const writing = late.write(source, says(1))
  const edited = await kube.writer({ fieldManager: 'user' }).apply(refOf(source), { spec: { edited: true } })
  expect(edited).toMatchObject({ is: 'written' })
  await successor.write({ ...source, generation: 2 }, says(2))
  arrival.resolve()
  await writing

  expect((await rig.status(source)).conditions).toMatchObject([fineAt(2)])
})

const fineAt = (observedGeneration: number) => ({ type: fine('Accepted').type, observedGeneration })
