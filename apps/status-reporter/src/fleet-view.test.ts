import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Feedback, ProxyState } from '@penstock/ir'
import { createFleetViews, type FleetViews } from './fleet-view.ts'

const proxy = (name: string, connectedSinceMs: number, acknowledgedCommit: number): ProxyState => ({
  ...{ proxy: name, connectedSinceMs, acknowledgedCommit, acknowledgedAtMs: 1, rejections: [] },
})

let views: FleetViews
let nowMs: number
beforeEach(() => {
  views = createFleetViews()
  nowMs = 1_000
})

const apply = (key: string, value: Feedback | undefined): Set<string> => views.apply([{ key, value }], nowMs)
const tell = (instance: string, ...proxies: ProxyState[]): Set<string> =>
  apply(`f/${instance}`, { fleet: 'f', instance, proxies })
const leave = (instance: string): Set<string> => apply(`f/${instance}`, undefined)
const shown = (): string[] | undefined =>
  views.get('f')?.proxies.map(({ proxy: name, acknowledgedCommit }) => `${name} ${acknowledgedCommit}`)

describe('the proxies of a fleet', () => {
  it('are counted once each, by the latest stream, whoever tells of it first', () => {
    tell('two', proxy('p', 20, 9))
    tell('one', proxy('p', 10, 12), proxy('q', 10, 12))
    expect(shown()).toEqual(['p 9', 'q 12'])
    tell('three', proxy('q', 30, 0), proxy('q', 25, 12))
    expect(shown()).toEqual(['p 9', 'q 0'])
  })

  it('go with the server that told of them, unless another tells of them too', () => {
    tell('one', proxy('p', 10, 9), proxy('q', 10, 9))
    tell('two', proxy('q', 5, 8))
    leave('one')
    expect(shown()).toEqual(['q 8'])
  })

  it('are not known when nobody reports the fleet, and of others nothing changes', () => {
    apply('g/one', { fleet: 'g', instance: 'one', proxies: [] })
    tell('one')
    expect(leave('one')).toEqual(new Set(['f']))
    expect(views.get('f')).toBeUndefined()
    expect([...views.all()].map(([name]) => name)).toEqual(['g'])
  })
})

describe('what runs the proxies of a fleet', () => {
  const say = (instance: string, address: string | undefined): void => {
    const addresses = address === undefined ? [] : [{ type: 'IPAddress', value: address }]
    const infrastructure = { addresses, replicasWanted: 1, replicasReady: 1, problem: '' }
    apply(`f/${instance}`, address === undefined ? undefined : { fleet: 'f', instance, proxies: [], infrastructure })
  }
  const addresses = (): string[] | undefined => views.get('f')?.infrastructure?.addresses.map(({ value }) => value)

  it('is what was said of it last: who died says nothing, but his word stands until it expires', () => {
    say('one', '10.0.0.1')
    say('two', '10.0.0.2')
    expect(addresses()).toEqual(['10.0.0.2'])
    say('one', '10.0.0.3')
    expect(addresses()).toEqual(['10.0.0.3'])
    say('one', undefined)
    expect(addresses()).toEqual(['10.0.0.2'])
  })
})

describe('a fleet without a proxy', () => {
  const emptySince = (): number | undefined => views.get('f')?.emptySinceMs

  it('is so since the first word of it, whoever repeats it, until a proxy comes', () => {
    tell('one')
    nowMs = 2_000
    tell('two')
    tell('one')
    expect(emptySince()).toBe(1_000)
    tell('two', proxy('p', 10, 9))
    expect(emptySince()).toBeUndefined()
    nowMs = 3_000
    tell('two')
    expect(emptySince()).toBe(3_000)
  })

  it('is so only by the word of a server: not by that of who runs the proxies, nor by silence', () => {
    const infrastructure = { addresses: [], replicasWanted: 2, replicasReady: 0, problem: '' }
    apply('f/infra', { fleet: 'f', instance: 'infra', proxies: [], infrastructure })
    expect(views.get('f')).toEqual({ proxies: [], emptySinceMs: undefined, infrastructure })
    tell('one')
    expect(emptySince()).toBe(1_000)
    leave('one')
    expect(emptySince()).toBeUndefined()
    nowMs = 4_000
    tell('one')
    expect(emptySince()).toBe(4_000)
  })
})
