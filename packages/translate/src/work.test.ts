// Law 5 on the real graph: what an edit makes run, as an exact list. A line more here is a cost for every user.
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Round } from '@penstock/incremental'
import {
  certificate,
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
  slice,
  to,
} from './rig.test-data.ts'

/** One line for each function that ran: the collection, and the key without its group. */
const ran = ({ work }: Round): readonly string[] =>
  work.map(({ collection, key }) => `${collection} ${key.replace(/^([a-z0-9]+\.[^/]+)?\//, '')}`)

const changed = (rig: Rig, round: Round): readonly string[] =>
  [rig.translation.ir, rig.translation.status].flatMap((output) => round.deltas<unknown>(output).map(({ key }) => key))

const many = Array.from({ length: 50 }, (_, i) => i)
const routes = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'default' }
const ports = [{ name: 'http', port: 80 }]

describe('among some fifty routes', () => {
  let rig: Rig

  beforeEach(() => {
    rig = createRig([
      gatewayClass(),
      secret('cert'),
      gateway('gw', [http('http'), https('https', 'cert')]),
      service('v1'),
      service('v2'),
      service('v3'),
      service('shop/v1'),
      slice('v1-abc', 'v1', ['10.0.0.1']),
      ...many.map((i) => httpRoute(`web-${i}`, [to('v1')], { hostnames: [`h${i}.com`] })),
      httpRoute('lonely', [to('v2')], { parentRefs: [{ name: 'gw', sectionName: 'http' }] }),
      httpRoute('abroad', [to('v1', { namespace: 'shop' })], { parentRefs: [{ name: 'gw', sectionName: 'http' }] }),
    ])
  })

  const route = (spec: object, rule = to('v1')) =>
    httpRoute('web-7', [rule], { hostnames: ['h7.com'], ...spec }, { generation: 2 })
  const ofRoute = [
    'translatedRoutes HTTPRoute/default/web-7',
    'httpRuleRecords HTTPRoute/default/web-7',
    'attachedRoutes HTTPRoute/default/web-7',
    'backendsInUse HTTPRoute/default/web-7',
  ]
  const last = ['serviceUses HTTPRoute/default/web-7', 'routeStatus HTTPRoute/default/web-7']
  const ofPort = (key: string) =>
    ['portsByService', 'securedPorts', 'portChecks'].map(
      (collection) => `${collection} backend/Service/default/${key}/`,
    )

  it('an edit of one runs its own functions, and the count of its listeners stays', () => {
    const round = rig.set(route({ hostnames: ['other.com'] }))
    expect(ran(round)).toEqual([...ofRoute, ...last])
    expect(changed(rig, round)).toEqual([
      'http_rule/HTTPRoute/default/web-7/#0',
      'gateway.networking.k8s.io/HTTPRoute/default/web-7',
    ])
    expect(round.reads).toBe(2)
  })

  it('an edit that brings a backend into use makes that backend, too', () => {
    expect(ran(rig.set(route({}, to('v3'))))).toEqual([
      ...ofRoute,
      'backendRecords backend/Service/default/v3/80/',
      'bundlesOfBackends backend/Service/default/v3/80/',
      last[0],
      'usesByService default/gw/default/v3/80',
      last[1],
    ])
  })

  it('an edit that leaves a listener runs the status of the Gateway, for the count', () => {
    const round = rig.set(route({ parentRefs: [{ name: 'gw', sectionName: 'http' }] }))
    expect(ran(round)).toEqual([...ofRoute, last[0], 'gatewayStatus Gateway/default/gw', last[1]])
  })

  it('an edit of a foreign field runs nothing', () => {
    const same = httpRoute('web-7', [to('v1')], { hostnames: ['h7.com'] })
    expect(ran(rig.set(same))).toEqual([])
  })

  it('an EndpointSlice runs its own record and nothing else', () => {
    const round = rig.set(slice('v1-abc', 'v1', ['10.0.0.2']))
    expect(ran(round)).toEqual(['endpointsRecords EndpointSlice/default/v1-abc'])
    expect(changed(rig, round)).toEqual(['endpoints/default/v1-abc'])
  })

  it('a Service runs its backends, and no route while its ports stay', () => {
    const round = rig.set(service('v1', [...ports, { name: 'metrics', port: 9090 }]))
    expect(ran(round)).toEqual([
      'ports Service/default/v1',
      ...ofPort('v1/9090'),
      'backendRecords backend/Service/default/v1/80/',
    ])
    expect(changed(rig, round)).toEqual([])
  })

  it('a Service of which nothing is used runs no backend', () => {
    expect(ran(rig.set(service('v3', [{ name: 'other', port: 81 }])))).toEqual([
      'ports Service/default/v3',
      ...ofPort('v3/81'),
    ])
  })

  it('a port that goes runs the routes that name it', () => {
    const round = rig.set(service('v2', [{ name: 'other', port: 81 }]))
    expect(ran(round)).toEqual([
      'ports Service/default/v2',
      ...ofPort('v2/81'),
      'translatedRoutes HTTPRoute/default/lonely',
      'httpRuleRecords HTTPRoute/default/lonely',
      'attachedRoutes HTTPRoute/default/lonely',
      'backendsInUse HTTPRoute/default/lonely',
      'serviceUses HTTPRoute/default/lonely',
      'routeStatus HTTPRoute/default/lonely',
    ])
  })

  it('a certificate that is renewed runs its own record and no listener', () => {
    const round = rig.set(secret('cert', certificate('b')))
    expect(ran(round)).toEqual([
      'trustChecks Secret/default/cert',
      'certificateChecks Secret/default/cert',
      'deadlines Secret/default/cert',
      'certificateTroubles Secret/default/cert',
      'certificateRecords certificate/default/cert',
    ])
    expect(changed(rig, round)).toEqual(['certificate/default/cert'])
  })

  it('time that passes runs nothing until a deadline, then what read that deadline', () => {
    rig.set(secret('cert', certificate('a', { notBeforeMs: 1_000, notAfterMs: 2_000_000_000 })), secret('spare'))
    const pass = (nowMs: number) => rig.translation.apply([], nowMs)
    pass(5_000)
    expect(rig.translation.nextDeadlineMs).toBe(2_000_000_000 - 14 * 86_400_000)
    expect(ran(pass(6_000))).toEqual([])
    const told = ['certificateTroubles Secret/default/cert', 'gatewayStatus Gateway/default/gw']
    expect(ran(pass(1_999_999_999))).toEqual(told)
    const round = pass(2_000_000_000)
    expect(ran(round)).toEqual(told)
    expect(changed(rig, round)).toEqual(['gateway.networking.k8s.io/Gateway/default/gw'])
    expect(rig.translation.nextDeadlineMs).toBeUndefined()
  })

  it('a grant runs what refers along it, and no other', () => {
    const sideways = grant('shop/sideways', { ...routes, namespace: 'elsewhere' }, { group: '', kind: 'Service' })
    expect(ran(rig.set(sideways))).toEqual(['grants ReferenceGrant/shop/sideways'])
    expect(ran(rig.set(grant('shop/permit', routes, { group: '', kind: 'Service' })))).toEqual([
      'grants ReferenceGrant/shop/permit',
      'translatedRoutes HTTPRoute/default/abroad',
      'httpRuleRecords HTTPRoute/default/abroad',
      'attachedRoutes HTTPRoute/default/abroad',
      'backendsInUse HTTPRoute/default/abroad',
      'backendRecords backend/Service/shop/v1/80/',
      'bundlesOfBackends backend/Service/shop/v1/80/',
      'serviceUses HTTPRoute/default/abroad',
      'usesByService default/gw/shop/v1/80',
      'routeStatus HTTPRoute/default/abroad',
    ])
  })

  it('a namespace that no selector asks for runs its labels', () => {
    expect(ran(rig.set(namespace('default', { team: 'a' })))).toEqual(['namespaceLabels Namespace//default'])
  })

  it('an edit of a Gateway that its routes do not see runs none of them', () => {
    const infrastructure = { labels: { a: '1' } }
    const edited = gateway('gw', [http('http'), https('https', 'cert')], { infrastructure }, { generation: 2 })
    expect(ran(rig.set(edited))).toEqual([
      'ownGateways Gateway/default/gw',
      'listenerSetHomes Gateway/default/gw',
      'routeParents Gateway/default/gw',
      'fleetRecords Gateway/default/gw',
      'gatewayRecords Gateway/default/gw',
      'listenerClaims Gateway/default/gw',
      'listenerRecords listener/default/gw/Gateway/default/gw/http',
      'listenerRecords listener/default/gw/Gateway/default/gw/https',
      'certificatesOfGateways Gateway/default/gw',
      'bundlesOfListeners listener/default/gw/Gateway/default/gw/http',
      'bundlesOfListeners listener/default/gw/Gateway/default/gw/https',
      'gatewaysByClass Gateway/default/gw',
      'gatewayStatus Gateway/default/gw',
      'managedGateways Gateway/default/gw',
      'infra Gateway/default/gw',
      'unsureFleets Gateway/default/gw',
    ])
  })

  it('an edit of one listener runs the routes that could attach to it, not those that name its neighbour', () => {
    const round = rig.set(gateway('gw', [http('http'), https('https', 'cert', { hostname: '*.com' })]))
    const listeners = ran(round).filter((line) => line.startsWith('listeners '))
    expect(listeners).toEqual(['listeners listener/default/gw/Gateway/default/gw/https'])
    const translated = ran(round).filter((line) => line.startsWith('translatedRoutes '))
    expect(translated).toHaveLength(50)
    expect(translated).not.toContain('translatedRoutes HTTPRoute/default/lonely')
  })

  it('another Gateway runs nothing of this one, nor any route', () => {
    const round = rig.set(gateway('other', [http('http')]))
    expect(ran(round).filter((line) => !line.includes('/other'))).toEqual([
      'portOwners default~other/80',
      'portProtocols default~other/80',
    ])
  })
})

describe('among fifty ListenerSets', () => {
  it('an edit of one runs no other, and neither the status of its Gateway nor what must run for it', () => {
    const set = (i: number, hostname: string) => listenerSet(`set-${i}`, [http('http', 80, { hostname })])
    const rig = createRig([
      gatewayClass(),
      gateway('gw', [http('http')], { allowedListeners: { namespaces: { from: 'Same' } } }),
      ...many.map((i) => set(i, `h${i}.com`)),
    ])
    const listener = 'listener/default/gw/ListenerSet/default/set-7/http'
    expect(ran(rig.set(set(7, 'other.com')))).toEqual([
      'ownListenerSets ListenerSet/default/set-7',
      'routeParents ListenerSet/default/set-7',
      'listenerClaims ListenerSet/default/set-7',
      `claimsByPlace ${listener}`,
      `claimsByPort ${listener}`,
      `claimsUnder ${listener}`,
      'portOwners default~gw/80',
      `listeners ${listener}`,
      `listenerRecords ${listener}`,
      `certificatesOfListeners ${listener}`,
      `attachPoints ${listener}`,
      `attachPointsByOwner ${listener}`,
      `bundlesOfListeners ${listener}`,
      'acceptedListenerSets ListenerSet/default/set-7',
      'listenerSetStatus ListenerSet/default/set-7',
      `openPorts ${listener}`,
    ])
  })
})
