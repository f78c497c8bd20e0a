import { expect, it } from '@jest/globals'
import { basics, fleet, startDeliveryRig } from '@penstock/delivery/rig'
import { createBootstrap, envoyTypes } from '@penstock/plane-envoy'
import type { DeltaClient } from '@penstock/xds'
import { startXdsServer } from './start.ts'

it('a proxy whose bootstrap says where it listens gets listeners of that address', async () => {
  await using rig = await startDeliveryRig({ service: 'xds-server', start: startXdsServer })
  await rig.commit(...basics)
  const started = (node: string, listenAddress?: string): DeltaClient => {
    const at = listenAddress === undefined ? {} : { listenAddress }
    return rig.proxy(node, { node: createBootstrap({ ...{ fleet, node, xds: [], adminPort: 0 }, ...at }).node })
  }
  const addresses: string[] = []
  for (const client of [started('one', '127.0.0.7'), started('two', '127.0.0.8'), started('three')]) {
    for (const type of ['cluster', 'listener'] as const) client.subscribe(envoyTypes[type])
    await client.until(() => client.held(envoyTypes.listener).size === 1)
    const [listener] = client.held(envoyTypes.listener).values()
    const bytes = Buffer.from(listener?.body ?? [])
    addresses.push(bytes.toString('latin1').match(/(?:\d+\.){3}\d+/)?.[0] ?? '')
  }
  expect(addresses).toEqual(['127.0.0.7', '127.0.0.8', '0.0.0.0'])
})
