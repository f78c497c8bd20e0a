import { describe, expect, it } from '@jest/globals'
import { resourceKey } from '@penstock/gateway-api'
import {
  createRig,
  gateway,
  gatewayClass,
  grpcRoute,
  http,
  httpRoute,
  listenerSet,
  resource,
  service,
  to,
} from './rig.test-data.ts'

const route = (...parentRefs: object[]) => httpRoute('web', [to('v1')], { parentRefs })
const ours = gateway('gw', [http('a')])
const foreign = gateway('foreign', [http('a')], { gatewayClassName: 'foreign' })
const classless = gateway('classless', [http('a')], { gatewayClassName: 'penstok' })
const classes = [gatewayClass(), gatewayClass('foreign', { controllerName: 'example.com/other' })]

const why = (object = ours) =>
  createRig([...classes, service('v1'), ours, foreign, classless, object]).translation.unserved(resourceKey(object))

describe('an object without a status', () => {
  it.each([
    [
      'a route whose parent is mistyped',
      route({ name: 'gww' }),
      'no parent of it is a Gateway of a class of ours: default/gww',
    ],
    [
      'one with a parent without a class',
      route({ name: 'classless' }),
      'no parent of it is a Gateway of a class of ours: default/classless',
    ],
    [
      'one of another kind of parent',
      route({ group: '', kind: 'Service', name: 'v1' }),
      'no parent of it is a Gateway of a class of ours: Service default/v1',
    ],
    ['one without a parent', route(), 'it names no parent'],
    ['a GRPCRoute without a parent', grpcRoute('calls', [], { parentRefs: [] }), 'it names no parent'],
    [
      'a ListenerSet whose parent is mistyped',
      resource('ListenerSet', 'more', { spec: { parentRef: { name: 'gww' }, listeners: [http('b')] } }),
      'its parent is no Gateway of a class of ours: default/gww',
    ],
    [
      'a route of a ListenerSet that does not exist',
      route({ kind: 'ListenerSet', name: 'more' }),
      'no parent of it is a Gateway of a class of ours: ListenerSet default/more',
    ],
    ['a Gateway whose class is mistyped', classless, 'its class "penstok" does not exist'],
  ])('is %s', (_, object, reason) => {
    expect(why(object)).toBe(reason)
  })

  it.each([
    ['is ours, though a second parent is not there', route({ name: 'gw' }, { name: 'gww' })],
    ['is attached to nothing, which its status says', route({ name: 'gw', sectionName: 'nowhere' })],
    ['belongs to another controller', foreign],
    ['has a parent of another controller', route({ name: 'foreign' })],
    ['has a Gateway of ours', ours],
    ['is a ListenerSet of a Gateway of ours', listenerSet('more', [http('b', 81)])],
  ])('is not what %s', (_, object) => {
    expect(why(object)).toBeUndefined()
  })
})
