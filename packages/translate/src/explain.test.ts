// Why a record has its value, as /debug/collections tells it.
import { expect, it } from '@jest/globals'
import { createRig, gateway, gatewayClass, http, httpRoute, service, to } from './rig.test-data.ts'

const route = 'gateway.networking.k8s.io/HTTPRoute/default/web'
const rule = 'http_rule/HTTPRoute/default/web/#0'

it('a rule is explained by its route, the route by all that it read, each read by its readers', () => {
  const rig = createRig([gatewayClass(), gateway('gw', [http('http')]), service('v1'), httpRoute('web', [to('v1')])])
  const { graph } = rig.translation
  const explain = (name: string, key: string) => {
    const collection = graph.collections.find((candidate) => candidate.name === name)
    if (collection === undefined) throw new Error(`no collection ${name}`)
    return graph.explain(collection, key)
  }
  expect(explain('ir', rule)).toMatchObject({ state: 'present', from: [rule] })
  expect(explain('httpRuleRecords', rule)).toMatchObject({ state: 'present', from: [route], reads: [], runs: 1 })
  expect(explain('translatedRoutes', route)).toMatchObject({
    state: 'present',
    from: [route],
    reads: [
      { kind: 'get', of: 'routeParents', key: 'gateway.networking.k8s.io/Gateway/default/gw' },
      { kind: 'lookup', of: 'attachPointsByOwner', key: 'gateway.networking.k8s.io/Gateway/default/gw' },
      { kind: 'get', of: 'portChecks', key: 'backend/Service/default/v1/80/' },
    ],
    runs: 1,
  })
  expect(explain('portChecks', 'backend/Service/default/v1/80/').readBy).toEqual([
    { collection: 'translatedRoutes', key: route },
  ])
  rig.remove(service('v1'))
  expect(explain('translatedRoutes', route)).toMatchObject({ runs: 2 })
  expect(explain('portChecks', 'backend/Service/default/v1/80/')).toMatchObject({ state: 'absent', from: [] })
  rig.remove(httpRoute('web', [to('v1')]))
  expect(explain('ir', rule)).toMatchObject({ state: 'absent', from: [], readBy: [] })
})
