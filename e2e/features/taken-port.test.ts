// What is told when Envoy refuses a listener, here for a port that somebody else has: nothing of it is live.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { until } from '@penstock/testkit'
import { gateway, gatewayClass, httpRoute } from './manifests.ts'
import { type Rig, startRig } from './rig.ts'
import type { Condition } from './status-file.ts'

// Each wait has a deadline of its own.
jest.setTimeout(60_000)

const stack = new AsyncDisposableStack()
let rig: Rig

beforeAll(async () => {
  rig = stack.use(await startRig({ 'web.yaml': [httpRoute('web')] }))
})

afterAll(() => stack.disposeAsync(), 30_000)

function programmed(): Condition | undefined {
  const [parent] = rig.status('HTTPRoute.default.web.yaml')?.status.parents ?? []
  return parent?.conditions.find(({ type }) => type === 'penstock.dev/Programmed')
}

async function takePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0')
  stack.defer(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('a Gateway on a port that is taken', () => {
  it('is not live, nor are its routes, until it moves to another', async () => {
    await until('the route is programmed', () => programmed()?.status === 'True')
    const before = rig.log.find('live').length
    const port = await takePort()
    rig.write('gateway.yaml', gatewayClass(), gateway({ name: 'http', port }))
    await until('the route is told', () => programmed()?.status === 'False')
    expect(programmed()?.message).toContain('refused a listener of Gateway default/gw')
    const refused = { kind: 'Gateway', name: 'gw', type: 'Programmed' }
    await until('the Gateway is told', () => rig.log.find('condition', refused).length > 0)
    expect(rig.log.find('condition', refused)[0]?.fields).toMatchObject({ message: expect.stringMatching(/in use$/) })
    expect(rig.log.find('live')).toHaveLength(before)

    rig.write('gateway.yaml', gatewayClass(), gateway({ name: 'http', port: rig.port }))
    await until('the route is programmed again', () => programmed()?.status === 'True')
    await until('both are live', () => rig.log.find('live').length >= before + 2)
    const names = rig.log
      .find('live')
      .slice(before)
      .map(({ fields }) => fields['name'])
    expect(names.sort()).toEqual(['gw', 'web'])
  })
})
