import { describe, expect, it } from '@jest/globals'
import type { ProxyState, Source } from '@penstock/ir'
import type { FleetView } from './fleet-view.ts'
import { judgeProgrammed } from './programmed.ts'

const source: Source = { group: 'g', kind: 'Gateway', namespace: 'default', name: 'gw', uid: 'u', generation: 3 }
const other: Source = { ...source, name: 'other' }
const proxy = (
  name: string,
  acknowledgedCommit: number,
  refused?: { commit: number; sources: Source[] },
  message = 'no such cipher',
): ProxyState => ({
  proxy: name,
  connectedSinceMs: 1,
  acknowledgedCommit,
  acknowledgedAtMs: 1,
  rejections: refused ? [{ typeUrl: 't', resources: ['r'], message, ...refused }] : [],
})
const fleet = (...proxies: ProxyState[]): FleetView => ({
  proxies,
  emptySinceMs: proxies.length > 0 ? undefined : 1_000,
  infrastructure: undefined,
})
/** So many should run; the commits that the connected ones acknowledged. */
const running = (replicasWanted: number, ...acknowledged: number[]): FleetView => ({
  ...fleet(...acknowledged.map((commit, index) => proxy(`p${index}`, commit))),
  infrastructure: { addresses: [], replicasWanted, replicasReady: 0, problem: '' },
})
const judge = (view: FleetView | undefined, nowMs = 2_000) =>
  judgeProgrammed({ source, irCommit: 10, fleets: [{ name: 'f', view }], nowMs, noProxyMs: 60_000 })

describe('Programmed means acknowledged', () => {
  it.each([
    ['every proxy acknowledged the commit', fleet(proxy('a', 10), proxy('b', 12)), 'True', '2 of 2'],
    ['one has not', fleet(proxy('a', 10), proxy('b', 9)), 'undecided', '1 of 2'],
    ['no server reports the fleet', undefined, 'undecided', '0 of 0'],
    ['the fleet has just lost its last proxy', fleet(), 'undecided', '0 of 0'],
    ['a proxy that should run is not connected', running(3, 10, 10), 'True', '2 of 3', '; 1 is not connected.'],
    ['none of two that should run is connected', running(2), 'undecided', '0 of 2', '; 2 are not connected.'],
    ['one more is connected than should run', running(1, 10, 9), 'undecided', '1 of 2', 'generation 3.'],
    ['a proxy refused this object', fleet(proxy('a', 9, { commit: 10, sources: [source] })), 'False', 'no such cipher'],
    ['it refused an older generation', fleet(proxy('a', 10, { commit: 9, sources: [source] })), 'True', '1 of 1'],
    ['it refused another object', fleet(proxy('a', 10, { commit: 10, sources: [other] })), 'True', '1 of 1'],
  ] as const)('%s', (_, view, status, words, end: string = '') => {
    const verdict = judge(view)
    expect(verdict.status).toBe(status)
    expect(verdict.message).toContain(words)
    expect(verdict.message.endsWith(end)).toBe(true)
  })

  it('joins the fleets that carry the object, of which each needs a proxy', () => {
    const judgeBoth = (a: FleetView | undefined, b: FleetView | undefined) => {
      const fleets = [
        { name: 'a', view: a },
        { name: 'b', view: b },
      ]
      return judgeProgrammed({ source, irCommit: 10, fleets, nowMs: 2_000, noProxyMs: 60_000 })
    }
    const message = '3 of 3 proxies acknowledged generation 3.'
    const both = judgeBoth(fleet(proxy('p', 10)), fleet(proxy('p', 10), proxy('q', 11)))
    expect(both).toEqual({ status: 'True', reason: 'Programmed', message })
    expect(judgeBoth(fleet(proxy('p', 10)), fleet()).status).toBe('undecided')
    expect(judgeBoth(fleet(proxy('p', 10)), undefined).status).toBe('undecided')
  })

  it('is never decided by silence: of a fleet that no server reports nobody knows how many proxies it has', () => {
    expect(judge(undefined, 1e12)).toEqual({ status: 'undecided', message: expect.anything() })
    expect(judge({ ...fleet(), emptySinceMs: undefined }, 1e12).status).toBe('undecided')
  })

  it('is false for what hangs on a listener that a proxy refuses, since whichever commit', () => {
    const route = { ...source, kind: 'HTTPRoute', name: 'web' }
    const judgeRoute = (typeUrl: string, refused: Source) => {
      const rejections = [{ typeUrl, resources: ['22'], message: 'in use\n', commit: 9, sources: [refused] }]
      const view = fleet({ ...proxy('a', 10), rejections })
      const question = { irCommit: 10, fleets: [{ name: 'f', view }], nowMs: 2_000, noProxyMs: 60_000 }
      return judgeProgrammed({ source: route, parent: source, ...question })
    }
    const message = 'Proxy a refused a listener of Gateway default/gw; the status of the Gateway says why.'
    expect(judgeRoute('x/y.v3.Listener', source)).toEqual({ status: 'False', reason: 'Invalid', message })
    expect(judgeRoute('x/y.v3.Listener', other).status).toBe('True')
    expect(judgeRoute('x/y.v3.RouteConfiguration', source).status).toBe('True')
  })

  it('repeats the words of the proxy without the end of the line', () => {
    const view = fleet(proxy('a', 9, { commit: 10, sources: [source] }, 'in use\n'))
    expect(judge(view).message).toBe('Proxy a refused generation 3: in use')
  })

  it.each<[string, string[], string[], string, string]>([
    ['no address is given', [], [], 'False', 'AddressNotAssigned'],
    ['any address is given', ['10.0.0.9'], [], 'True', 'Programmed'],
    ['what it asks for is given', ['10.0.0.1', '10.0.0.2'], ['10.0.0.2'], 'True', 'Programmed'],
    ['another is given', ['10.0.0.9'], ['10.0.0.1'], 'False', 'AddressNotUsable'],
    ['one of two is given', ['10.0.0.1'], ['10.0.0.1', '10.0.0.2'], 'False', 'AddressNotUsable'],
    ['what it asks for is not given', [], ['10.0.0.1'], 'False', 'AddressNotUsable'],
  ])('of a Gateway that needs an address: %s', (_, given, requiredAddresses, status, reason) => {
    const addresses = given.map((value) => ({ type: 'IPAddress', value }))
    const view = {
      ...fleet(proxy('a', 10)),
      infrastructure: { addresses, replicasWanted: 1, replicasReady: 1, problem: '' },
    }
    const question = { source, irCommit: 10, fleets: [{ name: 'f', view }], nowMs: 2_000, noProxyMs: 60_000 }
    const verdict = judgeProgrammed({ ...question, needsAddress: true, requiredAddresses })
    expect(verdict).toMatchObject({ status, reason })
    if (reason === 'AddressNotUsable') expect(verdict.message).toContain('which nobody has given it')
  })

  it('is false once a fleet has had no proxy for a minute while a server reports it', () => {
    expect(judge(fleet(), 60_999).status).toBe('undecided')
    expect(judge(fleet(), 61_000)).toMatchObject({ status: 'False', reason: 'NoResources' })
  })
})
