import { describe, expect, it } from '@jest/globals'
import { silentLogger } from '@penstock/telemetry'
import type { XdsEvents } from './fleets.ts'
import type { ProxyNode } from './proxy-node.ts'
import { cluster, heldBy, set, startRig } from './rig.ts'

function breakFor(id: string): undefined {
  if (id === 'bad') throw new Error('broken')
}

const noEvents: XdsEvents = { onFleet: () => {}, onProxies: () => {} }

describe('a mistake of ours that one proxy brings to light', () => {
  it.each([
    ['when it is asked who it is', { identify: () => Promise.reject(new Error('broken')) }],
    [
      'when it is asked which fleet it is of',
      {
        fleetOf: ({ id }: { id: string }) => {
          breakFor(id)
          return 'f'
        },
      },
    ],
    ['when it asks for bodies of its own', { ownBody: ({ id }: { id: string }) => breakFor(id) }],
    [
      'when others are told of it',
      { events: { ...noEvents, onProxy: (_: string, { id }: ProxyNode) => breakFor(id) } },
    ],
  ])('%s ends its stream, with a line in the log, and no other', async (_, options) => {
    const lines: unknown[] = []
    const warn = (event: string, fields = {}): void => void lines.push({ event, ...fields })
    const logger = { ...silentLogger, warn, child: () => logger }
    await using rig = await startRig({ maxStreams: 1 }, { ...options, logger })
    rig.commit(set(cluster, 'a', 'x'))
    const bad = rig.client('bad')
    bad.subscribe(cluster)
    await bad.until(() => bad.ended !== undefined)
    expect(bad.ended).toMatchObject({ code: 13, details: 'the server has failed' })
    expect(lines).toMatchObject([
      { event: 'proxy refused', reason: 'failed', message: expect.stringContaining('broken') },
    ])
    expect(rig.server.proxies('f')).toEqual([])
    if ('identify' in options) return
    const good = rig.client('good')
    good.subscribe(cluster)
    await good.until(() => heldBy(good, cluster).length === 1)
  })
})
