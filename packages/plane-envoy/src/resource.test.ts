import { describe, expect, it } from '@jest/globals'
import { RouteConfiguration } from './gen/envoy/config/route/v3/route.ts'
import { VirtualHost } from './gen/envoy/config/route/v3/route_components.ts'
import { appendBlocks, toResource } from './resource.ts'
import { tableOf, tablesOfPort } from './tables.ts'

describe('appendBlocks', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 100_000])(
    'reads as the whole message does, with blocks of %i bytes',
    (length) => {
      const virtualHosts = ['a', 'b'].map((name) => ({ name, domains: ['x'.repeat(length)] }))
      const head = RouteConfiguration.encode({ name: 'table', ignorePortInHostMatching: true }).finish()
      const blocks = virtualHosts.map((virtualHost) => VirtualHost.encode(virtualHost).finish())
      const read = RouteConfiguration.decode(appendBlocks(head, 2, blocks))
      expect(read).toMatchObject({ name: 'table', ignorePortInHostMatching: true, virtualHosts })
    },
  )
})

describe('a version', () => {
  it('is that of the bytes', () => {
    expect(toResource(new Uint8Array([1, 2])).version).toBe('a12871fee210fb86')
  })
})

describe('tables', () => {
  it('of a host stay where they are, for ever', () => {
    expect(['foo.example.com', 'bar.example.com', '*.example.com', ''].map(tableOf)).toEqual(['20', '25', '*', '*'])
  })

  it('share hosts evenly', () => {
    const counts = new Map(tablesOfPort.map((table) => [table, 0]))
    for (let i = 0; i < 12_800; i += 1) {
      const table = tableOf(`host-${i}.example.com`)
      counts.set(table, (counts.get(table) ?? 0) + 1)
    }
    expect(counts.size).toBe(129)
    expect(Math.max(...counts.values())).toBeLessThan(160)
  })
})
