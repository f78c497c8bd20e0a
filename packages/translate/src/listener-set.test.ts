import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import {
  createRig,
  gateway,
  gatewayClass,
  grant,
  http,
  httpRoute,
  https,
  listenerSet,
  namespace,
  type Rig,
  secret,
  service,
  to,
} from './rig.test-data.ts'

const allowed = (from: string, more: object = {}): object => ({ allowedListeners: { namespaces: { from, ...more } } })
const own = http('own', 80, { hostname: 'own.com' })
const gatewayOf = (spec: object = allowed('Same')): Resource => gateway('gw', [own], spec)
const base = [gatewayClass(), gatewayOf(), service('v1')]
const at = (name: string, hostname: string, more: object = {}): object => http(name, 80, { hostname, ...more })
const attachedSets = ({ translation }: Rig): number | undefined =>
  translation.graph.values(translation.status).get(resourceKey(gatewayOf()))?.attachedListenerSets
const of = (name: string, more: object = {}): object => ({ parentRefs: [{ kind: 'ListenerSet', name, ...more }] })

describe('a ListenerSet', () => {
  it('adds its listeners to those of its Gateway, and says how they are', () => {
    const rig = createRig([...base, listenerSet('more', [at('a', 'a.com')])])
    expect(rig.listenerSetSays('more')).toEqual({ Accepted: 'True Accepted', Programmed: 'True Programmed' })
    expect(rig.listenerSays('more', 'a', 'ListenerSet')).toMatchObject({
      Accepted: 'True Accepted',
      Programmed: 'True Programmed',
      ResolvedRefs: 'True ResolvedRefs',
      Conflicted: 'False NoConflicts',
    })
    expect(rig.records('listener').get('listener/default/gw/ListenerSet/default/more/a')).toMatchObject({
      fleet: 'default~gw',
      gatewayName: 'gw',
      ownerKind: 'ListenerSet',
      ownerName: 'more',
      source: { kind: 'ListenerSet', name: 'more' },
    })
    expect(attachedSets(rig)).toBe(1)
  })

  it('has its ports opened too', () => {
    const rig = createRig([...base, listenerSet('more', [http('a', 8080)])])
    const { graph, infra } = rig.translation
    expect(
      graph
        .values(infra)
        .get('default~gw')
        ?.ports.map(({ port }) => port),
    ).toEqual([80, 8080])
  })

  it.each<[string, object, boolean]>([
    ['no word of them', {}, false],
    ['None', allowed('None'), false],
    ['Same', allowed('Same'), false],
    ['All', allowed('All'), true],
    ['a selector that takes it', allowed('Selector', { selector: { matchLabels: { team: 'a' } } }), true],
    ['a selector that does not', allowed('Selector', { selector: { matchLabels: { team: 'b' } } }), false],
  ])('of another namespace is let in by %s or not', (_, spec, isIn) => {
    const rig = createRig([
      gatewayClass(),
      gatewayOf(spec),
      namespace('shop', { team: 'a' }),
      listenerSet('shop/more', [at('a', 'a.com')]),
      httpRoute('shop/web', [to('v1')], of('more')),
    ])
    const refused = { Accepted: 'False NotAllowed', Programmed: 'False NotAllowed' }
    expect(rig.listenerSetSays('shop/more')).toMatchObject(isIn ? { Accepted: 'True Accepted' } : refused)
    expect(rig.records('listener').size).toBe(isIn ? 2 : 1)
    expect(rig.routeSays('shop/web')).toMatchObject([{ Accepted: isIn ? 'True Accepted' : 'False NoMatchingParent' }])
    expect(attachedSets(rig) ?? 0).toBe(isIn ? 1 : 0)
  })

  it('of a Gateway that is not accepted is not either', () => {
    const refused = gatewayOf({ ...allowed('Same'), addresses: [{ type: 'Hostname', value: 'a.com' }] })
    const rig = createRig([gatewayClass(), refused, listenerSet('more', [at('a', 'a.com')])])
    expect(rig.listenerSetSays('more')).toEqual({
      Accepted: 'False ParentNotAccepted',
      Programmed: 'False ParentNotProgrammed',
    })
    expect(rig.records('listener').size).toBe(0)
  })

  it('of a Gateway that is not ours is left to others', () => {
    const foreign = gateway('gw', [own], { ...allowed('Same'), gatewayClassName: 'foreign' })
    const rig = createRig([gatewayClass(), foreign, listenerSet('more', [at('a', 'a.com')])])
    expect(() => rig.listenerSetSays('more')).toThrow('has no status')
  })
})

describe('where listeners are not distinct', () => {
  const lost = { Accepted: 'False HostnameConflict', Conflicted: 'True HostnameConflict' }
  const won = { Accepted: 'True Accepted', Conflicted: 'False NoConflicts' }

  it("the Gateway's own comes first, whatever their ages; a set with nothing else is not accepted", () => {
    const older = { creationTimestamp: '2020-01-01T00:00:00Z' }
    const partly = listenerSet('partly', [at('a', 'own.com'), at('b', 'b.com')], older)
    const rig = createRig([...base, partly, listenerSet('wholly', [at('a', 'own.com')], older)])
    expect(rig.listenerSays('gw', 'own')).toMatchObject(won)
    expect(rig.listenerSays('partly', 'a', 'ListenerSet')).toMatchObject(lost)
    expect(rig.listenerSays('partly', 'b', 'ListenerSet')).toMatchObject(won)
    expect(rig.listenerSetSays('partly')).toEqual({ Accepted: 'True ListenersNotValid', Programmed: 'True Programmed' })
    expect(rig.listenerSetSays('wholly')).toEqual({
      Accepted: 'False ListenersNotValid',
      Programmed: 'False ListenersNotValid',
    })
    expect(rig.message('ListenerSet', 'wholly', 'Conflicted')).toBe(
      'Listener a of ListenerSet default/wholly claims port 80 and the hostname own.com, and so does Listener own of Gateway default/gw, which comes first.',
    )
    expect(attachedSets(rig)).toBe(1)
  })

  it('the older set comes first, then the one whose name does; when it goes, the next takes over', () => {
    const first = listenerSet('z', [at('a', 'a.com')], { creationTimestamp: '2020-01-01T00:00:00Z' })
    const rig = createRig([...base, listenerSet('y', [at('a', 'a.com')]), listenerSet('x', [at('a', 'a.com')]), first])
    const winners = () => ['x', 'y', 'z'].filter((name) => rig.records('listener').has(recordOf(name)))
    expect(winners()).toEqual(['z'])
    rig.remove(first)
    expect(winners()).toEqual(['x'])
  })

  it('one protocol has the port', () => {
    const rig = createRig([...base, secret('cert'), listenerSet('more', [https('a', 'cert', { port: 80 })])])
    expect(rig.listenerSays('more', 'a', 'ListenerSet')).toMatchObject({
      Accepted: 'False ProtocolConflict',
      Conflicted: 'True ProtocolConflict',
    })
  })

  it('a protocol that is not served yields the port too, and to its neighbours in its own set it is nothing', () => {
    const rig = createRig([
      ...base,
      listenerSet('more', [
        { name: 'a', port: 80, protocol: 'TCP' },
        { name: 'u', port: 80, protocol: 'UDP' },
        at('b', 'b.com'),
      ]),
      listenerSet('other', [{ name: 'a', port: 81, protocol: 'TCP' }, http('b', 81)]),
    ])
    const lostPort = {
      Accepted: 'False ProtocolConflict',
      Programmed: 'False ProtocolConflict',
      Conflicted: 'True ProtocolConflict',
    }
    expect(rig.listenerSays('more', 'a', 'ListenerSet')).toMatchObject(lostPort)
    for (const [set, section] of [
      ['more', 'u'],
      ['other', 'a'],
    ] as const) {
      expect(rig.listenerSays(set, section, 'ListenerSet')).toMatchObject({ Accepted: 'False UnsupportedProtocol' })
    }
    for (const set of ['more', 'other']) expect(rig.listenerSays(set, 'b', 'ListenerSet')).toMatchObject(won)
  })

  it('within one set the first of them has the port', () => {
    const rig = createRig([
      ...base,
      secret('cert'),
      listenerSet('more', [http('z', 81), https('b', 'cert', { port: 81 })]),
    ])
    expect(rig.listenerSays('more', 'z', 'ListenerSet')).toMatchObject(won)
    expect(rig.listenerSays('more', 'b', 'ListenerSet')).toMatchObject({ Accepted: 'False ProtocolConflict' })
    expect(rig.listenerSetSays('more')).toMatchObject({ Accepted: 'True ListenersNotValid' })
  })

  it('one that loses the port to another owner takes it from no neighbour', () => {
    const neighbours = [https('a', 'cert', { port: 80 }), at('b', 'b.com')]
    const rig = createRig([...base, secret('cert'), listenerSet('more', neighbours)])
    expect(rig.listenerSays('more', 'a', 'ListenerSet')).toMatchObject({ Accepted: 'False ProtocolConflict' })
    expect(rig.listenerSays('more', 'b', 'ListenerSet')).toMatchObject(won)
  })

  const recordOf = (name: string): string => `listener/default/gw/ListenerSet/default/${name}/a`
})

describe('a route', () => {
  const sets = [listenerSet('more', [at('a', 'a.com'), at('b', 'b.com')]), listenerSet('other', [at('a', 'c.com')])]
  const listenersOf = (rig: Rig): unknown[] =>
    rig.rule('default/web/#0').attachments.map(({ listener }) => listener.split('/').slice(3).join('/'))

  it.each<[string, object, string[]]>([
    ['its parent alone', of('more'), ['ListenerSet/default/more/a', 'ListenerSet/default/more/b']],
    ['the section of that name alone', of('more', { sectionName: 'b' }), ['ListenerSet/default/more/b']],
    ['the own listeners of a Gateway', {}, ['Gateway/default/gw/own']],
    [
      'what each of its parents has',
      { parentRefs: [{ name: 'gw' }, { kind: 'ListenerSet', name: 'other', sectionName: 'a' }] },
      ['Gateway/default/gw/own', 'ListenerSet/default/other/a'],
    ],
  ])('attaches to %s', (_, spec, listeners) => {
    const rig = createRig([...base, ...sets, httpRoute('web', [to('v1')], spec)])
    expect(listenersOf(rig)).toEqual(listeners)
  })

  it('is told of its parents one by one; a section of a ListenerSet is none of the Gateway', () => {
    const parentRefs = [
      { name: 'gw', sectionName: 'a' },
      { kind: 'ListenerSet', name: 'more', sectionName: 'a' },
    ]
    const rig = createRig([...base, ...sets, httpRoute('web', [to('v1')], { parentRefs })])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False NoMatchingParent' }, { Accepted: 'True Accepted' }])
    expect(rig.listenerSays('more', 'a', 'ListenerSet').attachedRoutes).toBe('1')
    expect(rig.listenerSays('gw', 'own').attachedRoutes).toBe('0')
  })

  it('comes from where the listener says, which speaks of the namespace of its ListenerSet', () => {
    const rig = createRig([
      gatewayClass(),
      gatewayOf(allowed('All')),
      listenerSet('shop/more', [at('a', 'a.com')]),
      httpRoute('shop/web', [to('v1')], of('more')),
      httpRoute('web', [to('v1')], of('more', { namespace: 'shop' })),
    ])
    expect(rig.routeSays('shop/web')).toMatchObject([{ Accepted: 'True Accepted' }])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False NotAllowedByListeners' }])
  })
})

describe('a certificate of a ListenerSet', () => {
  const tls = { port: 443, hostname: 'a.com' }
  const rigOf = (kind: string, path: string): Rig =>
    createRig([
      gatewayClass(),
      gatewayOf(allowed('All')),
      secret('cert'),
      secret('shop/cert'),
      grant(
        'default/permit',
        { group: 'gateway.networking.k8s.io', kind, namespace: 'shop' },
        { group: '', kind: 'Secret' },
      ),
      listenerSet(path, [https('a', { name: 'cert', ...(path === 'shop/more' ? { namespace: 'default' } : {}) }, tls)]),
    ])

  it('is looked for in its own namespace', () => {
    expect(rigOf('Gateway', 'shop/local').listenerSetSays('shop/local')).toMatchObject({ Accepted: 'True Accepted' })
  })

  it('of another namespace needs a grant for ListenerSets; one for the Gateway does not do', () => {
    expect(rigOf('ListenerSet', 'shop/more').listenerSetSays('shop/more')).toMatchObject({ Accepted: 'True Accepted' })
    const rig = rigOf('Gateway', 'shop/more')
    expect(rig.listenerSetSays('shop/more')).toMatchObject({ Accepted: 'False ListenersNotValid' })
    expect(rig.listenerSays('shop/more', 'a', 'ListenerSet')).toMatchObject({ ResolvedRefs: 'False RefNotPermitted' })
  })
})
