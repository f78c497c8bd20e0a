import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import { capabilities, gateway, gatewayClass, http, httpRoute, service, to } from './rig.test-data.ts'
import { createTranslation } from './translation.ts'

describe('an object that makes a function throw', () => {
  it('is held with its records and its status, while its neighbours go on, until it changes', () => {
    const translation = createTranslation({
      controllerName: 'penstock.dev/gateway-controller',
      capabilities: { envoy: capabilities },
    })
    const apply = (...objects: readonly Resource[]) =>
      translation.apply(objects.map((value) => ({ key: resourceKey(value), value })))
    const good = httpRoute('web', [{ ...to('v1'), name: 'first' }, to('v1')])
    // No API server hands this out, so nothing is prepared for it.
    const bad = {
      ...good,
      spec: {
        parentRefs: [{ name: 'gw', group: 'gateway.networking.k8s.io', kind: 'Gateway' }],
        rules: [{ name: 'first' }, {}],
      },
    }
    const round = apply(
      gatewayClass(),
      gateway('gw', [http('http')]),
      service('v1'),
      bad,
      httpRoute('other', [to('v1')]),
    )
    expect(round.threw).toMatchObject([{ collection: 'translatedRoutes', key: resourceKey(good) }])
    expect(translation.held()).toMatchObject({
      ir: new Set(['http_rule/HTTPRoute/default/web/first', 'http_rule/HTTPRoute/default/web/#1']),
      status: new Set([resourceKey(good)]),
    })
    expect(translation.graph.values(translation.ir).has('http_rule/HTTPRoute/default/other/#0')).toBe(true)
    apply(good)
    expect(translation.held()).toMatchObject({ ir: new Set(), status: new Set() })
    expect(translation.graph.values(translation.ir).has('http_rule/HTTPRoute/default/web/first')).toBe(true)
  })
})
