// Servers of several planes on one machine, where both have the machine's name.
import { describe, expect, it } from '@jest/globals'
import { createGraph } from '@penstock/incremental'
import type { IrRecord, PlaneName } from '@penstock/ir'
import { silentLogger, silentMeter } from '@penstock/telemetry'
import { until } from '@penstock/testkit'
import { type DeliveredPlane, startDelivery } from './delivery.ts'
import { source, startDeliveryRig } from './rig.ts'

/** Has no resources at all. */
const emptyPlane = (name: PlaneName): DeliveredPlane => ({
  ...{ name, graph: createGraph(), proof: 'certificate', order: [], fleetOf: ({ cluster }) => cluster },
  ...{ apply: () => [], connect: () => [], disconnect: () => {} },
})

const fleetOf = (name: string, plane: PlaneName): readonly [string, IrRecord] => [
  `fleet/${name}`,
  { kind: 'fleet', value: { source: source('Gateway', name), name, plane } },
]

describe('servers with the same instance name', () => {
  it('take nothing of what the other says, of a fleet that moves from one plane to the other either', async () => {
    await using rig = await startDeliveryRig({
      service: 'xds-server',
      start: (parts) => startDelivery({ ...parts, service: 'xds-server', plane: emptyPlane('envoy') }),
    })
    await using bus = rig.broker.connect({ install: 'test', source: 'local', service: 'agentgateway-server' })
    await using _ = await startDelivery({
      ...{ bus, service: 'agentgateway-server', plane: emptyPlane('agentgateway') },
      ...{ config: { xdsHost: '127.0.0.1', xdsPort: 0, instance: 'x1' }, log: silentLogger, meter: silentMeter },
    })
    await rig.commit(fleetOf('moving', 'envoy'))
    await until('one server reports it', () => rig.feedback.size === 1)
    await rig.commit(fleetOf('moving', 'agentgateway'))
    await until('the other does', () => [...rig.feedback.keys()].join() === 'moving/agentgateway-server.x1')
    await rig.commit(fleetOf('moving', 'envoy'))
    await until('and back', () => [...rig.feedback.keys()].join() === 'moving/xds-server.x1')
    expect([...rig.feedback.values()]).toEqual([{ fleet: 'moving', instance: 'x1', proxies: [] }])
  })
})
