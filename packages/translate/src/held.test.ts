import { describe, expect, it } from '@jest/globals'
import { type Resource, resourceKey } from '@penstock/gateway-api'
import type { GraphOptions } from '@penstock/incremental'
import type { Status } from '@penstock/ir'
import {
  capabilities,
  certificate,
  everyPlane,
  gateway,
  gatewayClass,
  httpRoute,
  https,
  secret,
  service,
  to,
} from './rig.test-data.ts'
import { createTranslation, type Translation } from './translation.ts'

const web = httpRoute('web', [{ ...to('v1'), name: 'first' }, to('v1')])
const other = httpRoute('other', [to('v2')])
const all = [
  gatewayClass(),
  gateway('gw', [https('https', 'cert')]),
  secret('cert', certificate('a')),
  service('v1'),
  service('v2'),
  web,
  other,
]
// No API server hands this out, so nothing is prepared for it.
const bad = {
  ...web,
  spec: {
    parentRefs: [{ name: 'gw', group: 'gateway.networking.k8s.io', kind: 'Gateway' }],
    rules: [{ name: 'first' }, {}],
  },
}
const rules = ['http_rule/HTTPRoute/default/web/first', 'http_rule/HTTPRoute/default/web/#1']

function start(objects: readonly Resource[], graph?: GraphOptions): Translation {
  const translation = createTranslation({
    controllerName: 'penstock.dev/gateway-controller',
    capabilities: everyPlane(capabilities),
    ...(graph ? { graph } : {}),
  })
  apply(translation, ...objects)
  return translation
}

const apply = (translation: Translation, ...objects: readonly Resource[]) =>
  translation.apply(objects.map((value) => ({ key: resourceKey(value), value })))
const remove = (translation: Translation, object: Resource) =>
  translation.apply([{ key: resourceKey(object), value: undefined }])
const recordsOf = ({ graph, ir }: Translation): readonly string[] => [...graph.values(ir).keys()].sort()

/** A listener counts the routes that are known. */
const uncounted = (status: Status | undefined) => ({
  ...status,
  listeners: status?.listeners.map((listener) => ({ ...listener, attachedRoutes: 0 })),
})

/** What a publisher would remove that finds the records of `before` in the stream. */
function swept(translation: Translation, before: Translation): readonly string[] {
  const { ir } = translation.held()
  const present = recordsOf(translation)
  return recordsOf(before).filter((key) => !present.includes(key) && !ir.has(key))
}

describe('an object that makes a function throw', () => {
  it('is held with its records and its status, while its neighbours go on, until it changes', () => {
    const translation = start([])
    const round = apply(translation, ...all.filter((object) => object !== web), bad)
    expect(round.threw).toMatchObject([{ collection: 'translatedRoutes', key: resourceKey(web) }])
    const { ir, status } = translation.held()
    expect([[...ir], [...status]]).toEqual([rules, [resourceKey(web)]])
    expect(recordsOf(translation)).toContain('http_rule/HTTPRoute/default/other/#0')
    apply(translation, web)
    expect([...translation.held().ir, ...translation.held().status]).toEqual([])
    expect(recordsOf(translation)).toContain('http_rule/HTTPRoute/default/web/first')
  })
})

describe('a translation that starts with such an object', () => {
  const before = start(all)
  const failing = (collection: string, key: string): GraphOptions => ({
    fail: (name, at) => name === collection && at.endsWith(key),
  })

  it('sweeps nothing that only this object uses, and goes on with its neighbours', () => {
    const translation = start([...all, bad])
    expect(swept(translation, before)).toEqual([])
    // Held although it is no record of the route, which is what names it.
    expect(translation.held().ir.has('backend/Service/default/v1/80/')).toBe(true)
    remove(translation, other)
    expect(swept(translation, before)).toEqual(['http_rule/HTTPRoute/default/other/#0'])
    remove(translation, web)
    expect(swept(translation, before)).toEqual(
      recordsOf(before).filter((key) => key.startsWith('http_rule/') || key.startsWith('backend/')),
    )
  })

  it.each([
    ['ownClasses', 'penstock'],
    ['ownGateways', 'default/gw'],
    ['listeners', 'gw/https'],
    ['certificateChecks', 'cert'],
    ['ports', 'v1'],
    ['portChecks', 'v1/80/'],
    ['attachPoints', 'gw/https'],
    ['routeParents', 'default/gw'],
    ['backendsInUse', 'web'],
    ['certificatesOfListeners', 'https'],
  ])('sweeps nothing and turns nothing into an error when %s fails at it', (collection, key) => {
    const translation = start(all, failing(collection, key))
    expect(translation.graph.held().size).toBeGreaterThan(0)
    expect(swept(translation, before)).toEqual([])
    for (const [at, record] of translation.graph.values(translation.ir)) {
      expect(record).toEqual(before.graph.values(before.ir).get(at))
    }
    for (const [at, status] of translation.graph.values(translation.status)) {
      expect(uncounted(status)).toEqual(uncounted(before.graph.values(before.status).get(at)))
    }
  })
})
