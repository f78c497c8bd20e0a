import { describe, expect, it } from '@jest/globals'
import { createRig, gateway, gatewayClass, http, httpRoute, namespace, type Rig, service, to } from './rig.test-data.ts'

const rules = [to('v1')]

function attach(listeners: readonly object[], spec: object, path = 'web'): Rig {
  return createRig([gatewayClass(), gateway('gw', listeners), service('v1'), httpRoute(path, rules, spec)])
}

/** Sections of the listeners that the rule takes traffic from, with the hostnames. */
function taken(rig: Rig, path = 'default/web'): Record<string, string[]> {
  const { attachments } = rig.rule(`${path}/#0`)
  return Object.fromEntries(
    attachments.map(({ listener, hostnames }) => [
      listener.slice(listener.lastIndexOf('/') + 1),
      hostnames.map(({ hostname, routeHostname }) => `${hostname}<${routeHostname}`),
    ]),
  )
}

describe('parentRefs', () => {
  const three = [http('a', 80), http('b', 81), http('c', 82)]

  it.each<[string, object[], string[]]>([
    ['the whole Gateway', [{ name: 'gw' }], ['a', 'b', 'c']],
    ['a section', [{ name: 'gw', sectionName: 'b' }], ['b']],
    ['a port', [{ name: 'gw', port: 82 }], ['c']],
    ['a section and its port', [{ name: 'gw', sectionName: 'b', port: 81 }], ['b']],
    [
      'two sections',
      [
        { name: 'gw', sectionName: 'b' },
        { name: 'gw', sectionName: 'a' },
      ],
      ['a', 'b'],
    ],
  ])('naming %s attach to it', (_, parentRefs, sections) => {
    const rig = attach(three, { parentRefs })
    expect(rig.routeSays('web')).toEqual(
      parentRefs.map(() => ({
        Accepted: 'True Accepted',
        ResolvedRefs: 'True ResolvedRefs',
        'penstock.dev/Programmed': 'True Programmed',
      })),
    )
    expect(Object.keys(taken(rig))).toEqual(sections)
    for (const section of ['a', 'b', 'c']) {
      expect(rig.listenerSays('gw', section).attachedRoutes).toBe(sections.includes(section) ? '1' : '0')
    }
  })

  it.each<[string, object]>([
    ['a section that does not exist', { name: 'gw', sectionName: 'd' }],
    ['a port that does not exist', { name: 'gw', port: 83 }],
    ['a section of another port', { name: 'gw', sectionName: 'a', port: 81 }],
  ])('naming %s find no parent', (_, ref) => {
    const rig = attach(three, { parentRefs: [ref] })
    expect(rig.routeSays('web')).toEqual([
      {
        Accepted: 'False NoMatchingParent',
        ResolvedRefs: 'True ResolvedRefs',
        'penstock.dev/Programmed': 'False Invalid',
      },
    ])
    expect(rig.records('http_rule').size).toBe(0)
    expect(rig.records('backend').size).toBe(0)
  })

  it('are repeated in the status as they were declared, those of others left out', () => {
    const parentRefs = [
      { name: 'gw', sectionName: 'a', port: 80 },
      { name: 'gw', namespace: 'default', sectionName: 'b', port: 81 },
      { name: 'elsewhere' },
      { group: '', kind: 'Service', name: 'v1' },
    ]
    const { translation } = attach(three, { parentRefs })
    const status = translation.graph.values(translation.status).get('gateway.networking.k8s.io/HTTPRoute/default/web')
    expect(status?.parents).toMatchObject([
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: '', name: 'gw', sectionName: 'a', port: 80 },
      { namespace: 'default', name: 'gw', sectionName: 'b', port: 81, fleets: ['default~gw'] },
    ])
    expect(status).toMatchObject({ fleets: ['default~gw'], source: { name: 'web', generation: 1 } })
  })

  it('without any of ours give no status at all', () => {
    const rig = attach(three, { parentRefs: [{ name: 'elsewhere' }] })
    expect(() => rig.routeSays('web')).toThrow('has no status')
  })
})

describe('allowedRoutes', () => {
  const from = (namespaces: object): object[] => [http('http', 80, { allowedRoutes: { namespaces } })]
  const team = { from: 'Selector', selector: { matchLabels: { team: 'a' } } }
  const byName = { from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } }
  const parentRefs = [{ name: 'gw', namespace: 'default' }]

  it.each<[string, object, string, boolean]>([
    ['Same', { from: 'Same' }, 'default/web', true],
    ['Same', { from: 'Same' }, 'other/web', false],
    ['All', { from: 'All' }, 'other/web', true],
    ['a selector', team, 'other/web', false],
    ['a selector of the name that every namespace has', byName, 'other/web', true],
    ['a selector of the name that every namespace has', byName, 'default/web', false],
  ])('with %s: %j from %s is accepted: %s', (_, namespaces, path, accepted) => {
    const rig = attach(from(namespaces), { parentRefs }, path)
    expect(rig.routeSays(path)).toMatchObject([
      { Accepted: accepted ? 'True Accepted' : 'False NotAllowedByListeners' },
    ])
    expect(rig.listenerSays('gw', 'http').attachedRoutes).toBe(accepted ? '1' : '0')
  })

  it('with a selector follow the labels of the namespace', () => {
    const rig = attach(from(team), { parentRefs }, 'other/web')
    rig.set(namespace('other', { team: 'a' }))
    expect(rig.routeSays('other/web')).toMatchObject([{ Accepted: 'True Accepted' }])
    rig.set(namespace('other', { team: 'b' }))
    expect(rig.routeSays('other/web')).toMatchObject([{ Accepted: 'False NotAllowedByListeners' }])
  })

  it('of other kinds only take no HTTPRoute', () => {
    const rig = attach([http('http', 80, { allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] } })], {})
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False NotAllowedByListeners' }])
  })
})

describe('hostnames', () => {
  it.each<[string, string | undefined, string[] | undefined, string[] | undefined]>([
    ['neither names one', undefined, undefined, ['<']],
    ['only the listener does', 'a.com', undefined, ['a.com<']],
    ['only the route does', undefined, ['b.com', 'a.com'], ['a.com<a.com', 'b.com<b.com']],
    ['the listener is wider', '*.com', ['a.com', 'b.org'], ['a.com<a.com']],
    ['the route is wider', 'a.b.com', ['*.com'], ['a.b.com<*.com']],
    [
      'two of the route meet in one, the better counts',
      'a.b.com',
      ['*.com', 'a.b.com', '*.b.com'],
      ['a.b.com<a.b.com'],
    ],
    ['of two wildcards the longer counts', 'a.b.com', ['*.com', '*.b.com'], ['a.b.com<*.b.com']],
    ['they have nothing in common', 'a.com', ['b.com', '*.a.com'], undefined],
    ['the apex is not in the wildcard', '*.a.com', ['a.com'], undefined],
  ])('%s', (_, listener, hostnames, expected) => {
    const rig = attach([http('http', 80, listener ? { hostname: listener } : {})], hostnames ? { hostnames } : {})
    if (expected) {
      expect(taken(rig)).toEqual({ http: expected })
    } else {
      expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False NoMatchingListenerHostname' }])
      expect(rig.message('HTTPRoute', 'web', 'Accepted')).toContain(
        `is within what Gateway default/gw listens for (${listener}).`,
      )
    }
  })

  it('attach only to the listeners that share some', () => {
    const rig = attach([http('a', 80, { hostname: 'a.com' }), http('b', 80, { hostname: 'b.com' })], {
      hostnames: ['a.com'],
    })
    expect(taken(rig)).toEqual({ a: ['a.com<a.com'] })
    expect(rig.listenerSays('gw', 'b').attachedRoutes).toBe('0')
  })
})
