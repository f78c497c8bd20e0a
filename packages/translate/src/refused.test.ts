// Nothing that is not served is passed over: each field, once set, is refused with its condition, and its object's
// neighbours go on.
import { describe, expect, it } from '@jest/globals'
import { refusedOfGateway, refusedOfListener, refusedOfRoute } from './refused.ts'
import {
  capabilities,
  createRig,
  everyPlane,
  gateway,
  gatewayClass,
  grpcRoute,
  http,
  httpRoute,
  https,
  listenerSet,
  secret,
  service,
  to,
} from './rig.test-data.ts'

/** A plane that can do none of what some planes can. */
const plain = { capabilities: everyPlane({ ...capabilities, features: new Set<string>() }) }

const extension = { type: 'ExtensionRef', extensionRef: { group: 'example.com', kind: 'Auth', name: 'x' } }
const validation = { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] }

const ofGateway: Readonly<Record<string, object>> = {
  'spec.tls.backend': { tls: { backend: { clientCertificateRef: { name: 'client' } } } },
  'spec.defaultScope': { defaultScope: 'All' },
}

const ofListener: Readonly<Record<string, readonly [listener: object, spec: object]>> = {
  filters: [{ filters: { requests: [extension] } }, {}],
  'tls.options': [{ tls: { certificateRefs: [{ name: 'cert' }], options: { 'example.com/min': '1.3' } } }, {}],
  "the validation of client certificates (the Gateway's spec.tls.frontend)": [
    {},
    { tls: { frontend: { default: {}, perPort: [{ port: 443, tls: { validation } }] } } },
  ],
}

describe('every refused field', () => {
  it('has a case here (but for what admission refuses first)', () => {
    expect(refusedOfGateway.map(({ field }) => field)).toEqual(Object.keys(ofGateway))
    expect(refusedOfListener.map(({ field }) => field).filter((field) => !field.startsWith('tls.mode'))).toEqual(
      Object.keys(ofListener),
    )
    expect(refusedOfRoute.map(({ field }) => field)).toEqual(['spec.useDefaultGateways'])
  })

  it.each(refusedOfGateway)('of a Gateway: $field', ({ field, reason }) => {
    const rig = createRig(
      [gatewayClass(), gateway('gw', [http('http')], ofGateway[field]), gateway('neighbour', [http('http')])],
      plain,
    )
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: `False ${reason}`, Programmed: 'False Invalid' })
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain(`Gateway default/gw sets ${field}, which`)
    expect(rig.listenerSays('gw', 'http')).toMatchObject({ Accepted: 'True Accepted', Programmed: 'False Invalid' })
    expect([...rig.records('listener').keys()]).toEqual(['listener/default/neighbour/Gateway/default/neighbour/http'])
  })

  it.each(Object.entries(ofListener))('of a listener: %s', (field, [listener, spec]) => {
    const rig = createRig(
      [gatewayClass(), secret('cert'), gateway('gw', [https('https', 'cert', listener), http('http')], spec)],
      plain,
    )
    expect(rig.listenerSays('gw', 'https')).toMatchObject({
      Accepted: 'False UnsupportedValue',
      Programmed: 'False Invalid',
      ResolvedRefs: 'True ResolvedRefs',
    })
    expect(rig.message('Gateway', 'gw', 'Accepted')).toContain(`Listener https of Gateway default/gw sets ${field}`)
    expect(rig.listenerSays('gw', 'http')).toMatchObject({ Accepted: 'True Accepted', Programmed: 'True Programmed' })
    expect(rig.gatewaySays('gw')).toMatchObject({ Accepted: 'True ListenersNotValid' })
  })

  it.each([
    ['HTTP', 'False UnsupportedValue'],
    // Of a ListenerSet no CRD refuses it.
    ['TCP', 'False UnsupportedProtocol'],
  ])(
    'of a listener of a ListenerSet: filters, each by its place and type, whatever it speaks (%s)',
    (protocol, told) => {
      const filters = { requests: [extension, extension] }
      const rig = createRig([
        gatewayClass(),
        gateway('gw', [http('http')], { allowedListeners: { namespaces: { from: 'Same' } } }),
        listenerSet('more', [{ name: 'odd', port: 8080, protocol, filters }, http('even', 8081)]),
      ])
      expect(rig.listenerSays('more', 'odd', 'ListenerSet')).toMatchObject({
        Accepted: told,
        Programmed: 'False Invalid',
      })
      expect(rig.message('ListenerSet', 'more', 'Accepted')).toContain(
        'sets filters.requests[0] of type ExtensionRef and filters.requests[1] of type ExtensionRef, which',
      )
      expect(rig.listenerSays('more', 'even', 'ListenerSet')).toMatchObject({ Accepted: 'True Accepted' })
      expect([...rig.records('listener').keys()].filter((key) => key.endsWith('odd'))).toEqual([])
    },
  )

  it('of a listener: validation that another port overrides away does not count', () => {
    const frontend = { default: { validation }, perPort: [{ port: 443, tls: {} }] }
    const rig = createRig([
      gatewayClass(),
      secret('cert'),
      gateway('gw', [https('https', 'cert')], { tls: { frontend } }),
    ])
    expect(rig.listenerSays('gw', 'https')).toMatchObject({ Accepted: 'True Accepted', Programmed: 'True Programmed' })
  })

  it('of an HTTPRoute: useDefaultGateways', () => {
    const rig = createRig([
      gatewayClass(),
      gateway('gw', [http('http')]),
      service('v1'),
      httpRoute('web', [to('v1')], { useDefaultGateways: 'All' }),
    ])
    expect(rig.routeSays('web')).toMatchObject([{ Accepted: 'False UnsupportedValue' }])
    expect(rig.rule('default/web/#0').filters).toEqual([{ filter: { $case: 'answer', value: 500 } }])
  })

  it('of a GRPCRoute without rules', () => {
    const rig = createRig([
      gatewayClass(),
      gateway('gw', [http('http')]),
      grpcRoute('empty', [], { useDefaultGateways: 'All' }),
    ])
    expect(rig.routeSays('empty', 'GRPCRoute')).toMatchObject([{ Accepted: 'False UnsupportedValue' }])
    expect(rig.listenerSays('gw', 'http').attachedRoutes).toBe('0')
  })
})
