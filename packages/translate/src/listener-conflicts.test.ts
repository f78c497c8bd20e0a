import { describe, expect, it } from '@jest/globals'
import { createRig, gateway, gatewayClass, http, httpRoute, https, secret, service, to } from './rig.test-data.ts'

const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Auth', name: 'x' } }

const lost = (reason: string): object => ({
  Accepted: `False ${reason}`,
  Programmed: `False ${reason}`,
  Conflicted: `True ${reason}`,
})
const won = { Accepted: 'True Accepted', Programmed: 'True Programmed', Conflicted: 'False NoConflicts' }

describe('within one Gateway', () => {
  it('HTTP and HTTPS on one port both lose, whatever their hostnames, and the others go on', () => {
    const rig = createRig([
      gatewayClass(),
      secret('cert'),
      gateway('gw', [
        http('plain', 443, { hostname: 'a.com' }),
        https('secure', 'cert', { hostname: 'b.com' }),
        http('fine', 80),
      ]),
    ])
    expect(rig.listenerSays('gw', 'plain')).toMatchObject(lost('ProtocolConflict'))
    expect(rig.listenerSays('gw', 'secure')).toMatchObject(lost('ProtocolConflict'))
    expect(rig.listenerSays('gw', 'fine')).toMatchObject(won)
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True ListenersNotValid', Programmed: 'True Programmed' })
    expect(rig.message('Gateway', 'gw', 'Conflicted')).toContain(
      "Listener plain of Gateway default/gw claims port 443 for another protocol than the same Gateway's secure.",
    )
    expect(rig.records('listener').size).toBe(1)
  })

  it('with nothing but conflicts the Gateway is refused', () => {
    const rig = createRig([gatewayClass(), secret('cert'), gateway('gw', [http('a', 443), https('b', 'cert')])])
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'False ListenersNotValid', Programmed: 'False Invalid' })
  })

  it('a protocol that is not served takes part in no conflict', () => {
    const rig = createRig([gatewayClass(), gateway('gw', [http('http'), { name: 'tcp', port: 80, protocol: 'TCP' }])])
    expect(rig.listenerSays('gw', 'http')).toMatchObject(won)
    expect(rig.listenerSays('gw', 'tcp')).toMatchObject({
      Accepted: 'False UnsupportedProtocol',
      Conflicted: 'False NoConflicts',
    })
  })

  it('a lost listener still counts its routes, but takes no traffic', () => {
    const rig = createRig([
      gatewayClass(),
      secret('cert'),
      service('v1'),
      gateway('gw', [http('a', 443), https('b', 'cert')]),
      httpRoute('web', [to('v1')]),
    ])
    expect(rig.listenerSays('gw', 'a').attachedRoutes).toBe('1')
    expect(rig.routeSays('web')).toEqual([
      { Accepted: 'True Accepted', ResolvedRefs: 'True ResolvedRefs', 'penstock.dev/Programmed': 'False Invalid' },
    ])
    expect(rig.records('http_rule').size).toBe(0)
  })
})

describe('between Gateways', () => {
  const older = { creationTimestamp: '2025-01-01T00:00:00Z' }
  const shop = (listeners: readonly object[]) => gateway('shop/gw', listeners, {}, older)

  it('that do not share a fleet there is no conflict', () => {
    const rig = createRig([gatewayClass(), shop([http('http')]), gateway('gw', [http('http')])])
    expect(rig.listenerSays('shop/gw', 'http')).toMatchObject(won)
    expect(rig.listenerSays('gw', 'http')).toMatchObject(won)
    expect([...rig.records('fleet').keys()].sort()).toEqual(['fleet/default~gw', 'fleet/shop~gw'])
  })

  it('that share one, the older keeps port and hostname; the later is told whose they are and takes over when it goes', () => {
    const first = shop([http('http', 80, { hostname: 'a.com' })])
    const rig = createRig(
      [
        gatewayClass(),
        first,
        gateway('gw', [http('a', 80, { hostname: 'a.com' }), http('b', 80, { hostname: 'b.com' })]),
      ],
      { fleet: 'local' },
    )
    expect([...rig.records('fleet').keys()]).toEqual(['fleet/local'])
    expect(rig.listenerSays('shop/gw', 'http')).toMatchObject(won)
    expect(rig.listenerSays('gw', 'a')).toMatchObject(lost('HostnameConflict'))
    expect(rig.listenerSays('gw', 'b')).toMatchObject(won)
    expect(rig.message('Gateway', 'gw', 'Conflicted')).toContain(
      'Listener a of Gateway default/gw claims port 80 and the hostname a.com, and so does Listener http of Gateway shop/gw, which comes first.',
    )
    rig.remove(first)
    expect(rig.listenerSays('gw', 'a')).toMatchObject(won)
  })

  it('that share one, the older decides the protocol of a port', () => {
    const rig = createRig(
      [
        gatewayClass(),
        secret('cert'),
        shop([http('http', 443)]),
        gateway('gw', [https('https', 'cert', { hostname: 'b.com' })]),
      ],
      { fleet: 'local' },
    )
    expect(rig.listenerSays('shop/gw', 'http')).toMatchObject(won)
    expect(rig.listenerSays('gw', 'https')).toMatchObject(lost('ProtocolConflict'))
    expect(rig.message('Gateway', 'gw', 'Conflicted')).toContain(
      'than Listener http of Gateway shop/gw, which comes first.',
    )
  })

  it.each<[string, readonly object[], object]>([
    ['whose Gateway is refused', [http('http')], { addresses: [{ type: 'Hostname', value: 'a.com' }] }],
    ['that is refused itself', [{ ...http('http'), filters: { requests: [extension] } }], {}],
    ['that lost within its Gateway', [http('http'), https('https', 'cert', { port: 80 })], {}],
  ])('a listener %s takes nothing from a later one', (_, listeners, spec) => {
    const rig = createRig([gatewayClass(), gateway('shop/gw', listeners, spec, older), gateway('gw', [http('http')])], {
      fleet: 'local',
    })
    expect(rig.listenerSays('gw', 'http')).toMatchObject(won)
  })

  it('of one age the name decides', () => {
    const rig = createRig([gatewayClass(), gateway('b/gw', [http('http')]), gateway('a/gw', [http('http')])], {
      fleet: 'local',
    })
    expect(rig.listenerSays('a/gw', 'http')).toMatchObject(won)
    expect(rig.listenerSays('b/gw', 'http')).toMatchObject(lost('HostnameConflict'))
  })
})
