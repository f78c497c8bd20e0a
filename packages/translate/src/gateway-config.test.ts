import { describe, expect, it } from '@jest/globals'
import {
  capabilities,
  createRig,
  gateway,
  gatewayClass,
  http,
  httpRoute,
  type Rig,
  resource,
  service,
  to,
} from './rig.test-data.ts'

const ref = (name: string) => ({ group: 'penstock.dev', kind: 'GatewayConfig', name })
const config = (path: string, spec: object) => resource('GatewayConfig', path, { spec })
const classOf = (parametersRef: object) => gatewayClass('penstock', { parametersRef })
const own = (parametersRef: object) => ({ infrastructure: { parametersRef } })

const infra = (rig: Rig) => rig.translation.graph.values(rig.translation.infra)
const image = (rig: Rig) => infra(rig).get('default~gw')?.parameters?.image
const held = (rig: Rig) => [...rig.translation.held().infra]

describe('GatewayConfigs', () => {
  it('of the class and of the Gateway are merged field by field', () => {
    const rig = createRig([
      classOf({ ...ref('all'), namespace: 'infra' }),
      config('infra/all', { plane: 'Envoy', image: 'envoy:1' }),
      gateway('gw', [http('http')], own(ref('mine'))),
      config('default/mine', { image: 'envoy:2' }),
    ])
    expect(image(rig)).toBe('envoy:2')
    rig.set(config('default/mine', {}))
    expect(image(rig)).toBe('envoy:1')
    rig.set(config('infra/all', {}))
    expect(image(rig)).toBe('')
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True Accepted' })
  })

  it('say by which plane a Gateway is served, and may say otherwise than its class', () => {
    const rig = createRig([
      classOf({ ...ref('all'), namespace: 'infra' }),
      config('infra/all', { plane: 'Agentgateway' }),
      gateway('gw', [http('http')]),
    ])
    const plane = (): unknown => [
      infra(rig).get('default~gw')?.plane,
      rig.records('fleet').get('fleet/default~gw')?.plane,
    ]
    expect(plane()).toEqual(['agentgateway', 'agentgateway'])
    rig.set(gateway('gw', [http('http')], own(ref('mine'))), config('default/mine', { plane: 'Envoy' }))
    expect(plane()).toEqual(['envoy', 'envoy'])
    // An image is one of a plane.
    rig.set(config('infra/all', { plane: 'Agentgateway', image: 'agentgateway:1' }))
    expect(image(rig)).toBe('')
    rig.set(config('default/mine', { image: 'agentgateway:2' }))
    expect([image(rig), plane()]).toEqual(['agentgateway:2', ['agentgateway', 'agentgateway']])
  })

  it('make what can be done that of the plane: for each parent of a route, and for its listeners', () => {
    const lacking = { ...capabilities, filters: capabilities.filters.difference(new Set(['cors'])) }
    const rig = createRig(
      [
        gatewayClass(),
        gateway('gw', [http('http')]),
        gateway('other', [http('http')], own(ref('mine'))),
        config('default/mine', { plane: 'Agentgateway' }),
        service('v1'),
        httpRoute('web', [{ ...to('v1'), filters: [{ type: 'CORS', cors: {} }] }], {
          parentRefs: [{ name: 'gw' }, { name: 'other' }],
        }),
      ],
      { capabilities: { envoy: capabilities, agentgateway: lacking } },
    )
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'True Accepted' }, { Accepted: 'False UnsupportedValue' }])
    // One record for both: a plane never skips what it has no entry for.
    expect(rig.rule('default/web/#0').filters).toMatchObject([{ filter: { $case: 'cors' } }])
    expect([rig.listenerSays('gw', 'http').attachedRoutes, rig.listenerSays('other', 'http').attachedRoutes]).toEqual([
      '1',
      '0',
    ])
  })

  it('give the plane that all Gateways of an installation share a fleet of its own', () => {
    const rig = createRig(
      [
        gatewayClass(),
        gateway('gw', [http('http')], own(ref('mine'))),
        config('default/mine', { plane: 'Agentgateway' }),
      ],
      { fleet: 'local' },
    )
    expect([...rig.records('fleet').keys()]).toEqual(['fleet/local-agentgateway'])
  })

  it.each([
    [{ group: 'example.com', kind: 'Parameters', name: 'x' }, 'names Parameters of group "example.com"'],
    [ref('none'), 'names GatewayConfig default/none, which does not exist.'],
  ])('that are not there are told to the Gateway, whose proxies go on: %j', (parametersRef, message) => {
    const rig = createRig([gatewayClass(), gateway('gw', [http('http')], own(parametersRef))])
    expect(rig.gatewaySays('gw')).toMatchObject({
      Accepted: 'False InvalidParameters',
      Programmed: 'True Programmed',
    })
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain(message)
    expect(held(rig)).toEqual(['default~gw'])
    rig.set(config('default/none', {}))
    rig.set(gateway('gw', [http('http')], own(ref('none'))))
    expect(held(rig)).toEqual([])
  })

  it.each([
    [ref('all'), 'names no namespace'],
    [{ ...ref('all'), namespace: 'infra' }, 'names GatewayConfig infra/all, which does not exist.'],
  ])('that are not there are told to the class, and to its Gateways: %j', (parametersRef, message) => {
    const rig = createRig([classOf(parametersRef), gateway('gw', [http('http')])])
    const status = rig.translation.graph.values(rig.translation.status)
    expect(status.get('gateway.networking.k8s.io/GatewayClass//penstock')?.conditions).toMatchObject([
      { type: 'Accepted', status: false, reason: 'InvalidParameters', message: expect.stringContaining(message) },
    ])
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain('belongs to a class that is not accepted')
    expect(held(rig)).toEqual(['default~gw'])
  })
})

describe('what must run for a Gateway', () => {
  it('is reached on the ports of its accepted listeners, each once', () => {
    const listeners = [http('b', 8080), http('a', 80, { hostname: 'a.example' }), http('c', 80)]
    const rig = createRig([
      gatewayClass(),
      gateway('gw', listeners, { infrastructure: { labels: { b: '1', a: '2' } } }),
    ])
    expect(infra(rig).get('default~gw')).toMatchObject({
      source: { kind: 'Gateway', namespace: 'default', name: 'gw' },
      plane: 'envoy',
      ports: [{ port: 80 }, { port: 8080 }],
      labels: { a: '2', b: '1' },
    })
    rig.remove(gateway('gw', listeners))
    expect(infra(rig).size).toBe(0)
  })

  it('is nobody of ours, where the fleet is given', () => {
    const rig = createRig([gatewayClass(), gateway('gw', [http('http')])], { fleet: 'local' })
    expect(infra(rig).size).toBe(0)
  })
})

describe('installed CRDs', () => {
  const crd = (name: string, version: string) => {
    const annotations = { 'gateway.networking.k8s.io/bundle-version': version }
    const metadata = {
      name: `${name}.gateway.networking.k8s.io`,
      uid: name,
      generation: 1,
      creationTimestamp: '',
      annotations,
    }
    return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata }
  }
  const says = (rig: Rig) => {
    const status = rig.translation.graph.values(rig.translation.status)
    const all = status.get('gateway.networking.k8s.io/GatewayClass//penstock')?.conditions ?? []
    return all.find(({ type }) => type === 'SupportedVersion')
  }

  it('of a known release are supported, of another not, and where none is seen nothing is said', () => {
    const rig = createRig([gatewayClass()])
    expect(says(rig)).toBeUndefined()
    rig.set(crd('gateways', 'v1.7.0'), crd('httproutes', 'v1.7.0'))
    expect(says(rig)).toMatchObject({ status: true, reason: 'SupportedVersion' })
    rig.set(crd('httproutes', 'v1.8.0'))
    expect(says(rig)).toMatchObject({
      status: false,
      reason: 'UnsupportedVersion',
      message: 'CRDs of the Gateway API v1.8.0 are installed; v1.4 to v1.7 are known here.',
    })
  })
})
