import { describe, expect, it } from '@jest/globals'
import { backendKey, endpointsKey, gatewayKey, httpRuleKey, irKinds, listenerKey } from '@penstock/ir'
import { channels } from './channels.ts'
import { createSubjectSpace } from './subject-space.ts'

const place = { install: 'a', service: 's', source: 'local' }

describe('the table of channels', () => {
  it('gives each a stream of its own', () => {
    const spaces = Object.values(channels).map((channel) => createSubjectSpace(place, channel))
    expect(new Set(spaces.map(({ stream }) => stream)).size).toBe(spaces.length)
    expect(spaces.map(({ all }) => all)).toEqual([
      'a.resource.v1.local.>',
      'a.ir.v1.local.>',
      'a.status.v1.local.>',
      'a.infra.v1.local.>',
      'a.feedback.v1.local.>',
      'a.presence.v1.local.>',
    ])
  })

  it('names each channel as it is called', () => {
    for (const [name, channel] of Object.entries(channels)) expect(channel.name).toBe(name)
  })

  it('has one publisher where one writes', () => {
    for (const channel of Object.values(channels)) {
      if (channel.writers === 'one') expect(channel.publishers).toHaveLength(1)
    }
  })

  it('refuses IR of a kind that it does not know, rather than skipping it', () => {
    expect(() => channels.ir.codec.decode(new Uint8Array(0), 'teapot/default/web')).toThrow('teapot')
    for (const kind of irKinds) expect(channels.ir.codec.decode(new Uint8Array(0), `${kind}/x`).kind).toBe(kind)
  })

  it('keeps the records of one source object in one commit', () => {
    const route = { kind: 'HTTPRoute', namespace: 'default', name: 'web' }
    const owner = { ownerKind: 'Gateway', ownerNamespace: 'infra', ownerName: 'edge' }
    const listener = { gatewayNamespace: 'infra', gatewayName: 'edge', ...owner, section: 'http' }
    const { group } = channels.ir
    expect(group(httpRuleKey(route, '#0'))).toBe(group(httpRuleKey(route, 'named')))
    expect(group(httpRuleKey(route, '#0'))).not.toBe(group(httpRuleKey({ ...route, name: 'api' }, '#0')))
    expect(group(gatewayKey({ namespace: 'infra', name: 'edge' }))).toBe(group(listenerKey(listener)))
    expect(group(backendKey({ kind: 'Service', namespace: 'x', name: 'y', port: 80, variant: '' }))).toBe('Service/x/y')
    expect(group(endpointsKey({ namespace: 'x', name: 'y' }))).toBe('EndpointSlice/x/y')
  })

  it('refuses a place whose names cannot stand in a subject', async () => {
    const { createMemoryBus } = await import('./memory-bus.ts')
    using broker = createMemoryBus()
    expect(() => broker.connect({ ...place, install: 'a.b' })).toThrow('install "a.b"')
  })
})
