import { describe, expect, it } from '@jest/globals'
import type { HttpRule } from '@penstock/ir'
import {
  capabilities,
  createRig,
  everyPlane,
  gateway,
  gatewayClass,
  grpcRoute,
  http,
  httpRoute,
  service,
  to,
} from './rig.test-data.ts'

const base = [gatewayClass(), gateway('gw', [http('http')]), service('v1')]
const withSession = (sessionPersistence: object): object => ({ ...to('v1'), sessionPersistence })
const sessionOf = ({ filters }: HttpRule): unknown =>
  filters.find(({ filter }) => filter?.$case === 'session')?.filter?.value

describe('a session', () => {
  it.each<[string, object, object]>([
    [
      'in a cookie, until the client ends it',
      { type: 'Cookie', cookie: { name: 'basket' } },
      { $case: 'cookie', value: { name: 'basket', path: '/' } },
    ],
    [
      'in a cookie that stays, by whole seconds and no longer',
      { type: 'Cookie', cookie: { name: 'b', path: '/shop', lifetimeType: 'Permanent' }, absoluteTimeout: '1h1500ms' },
      { $case: 'cookie', value: { name: 'b', path: '/shop', lifetimeSeconds: 3_601 } },
    ],
    [
      'in a header, whose name is compared in lower case',
      { type: 'Header', header: { name: 'X-Basket' } },
      { $case: 'header', value: 'x-basket' },
    ],
  ])('%s', (_, declared, carrier) => {
    const rig = createRig([
      ...base,
      httpRoute('web', [withSession(declared)]),
      grpcRoute('calls', [withSession(declared)]),
    ])
    expect(sessionOf(rig.rule('default/web/#0'))).toEqual({ carrier })
    expect(sessionOf(rig.rule('default/calls/#0', 'GRPCRoute'))).toEqual({ carrier })
  })

  it('in a cookie without a name has one of its own in every rule, always the same', () => {
    const rules = [withSession({ type: 'Cookie', cookie: {} }), withSession({ type: 'Cookie', cookie: {} })]
    const names = (): unknown[] => {
      const rig = createRig([...base, httpRoute('a', rules), httpRoute('b', rules)])
      return ['a/#0', 'a/#1', 'b/#0', 'b/#1'].map((rule) => sessionOf(rig.rule(`default/${rule}`)))
    }
    expect(new Set(names().map((one) => JSON.stringify(one))).size).toBe(4)
    expect(names()).toEqual(names())
    expect(JSON.stringify(names()[0])).toMatch(/"name":"session-[0-9a-f]{16}"/)
  })

  const limited = { type: 'Header', header: { name: 'x' }, absoluteTimeout: '1h' }
  it.each<[string, object, object]>([
    ['a time limit on a header', limited, {}],
    ['a time limit on a cookie that ends with its client', { type: 'Cookie', cookie: {}, absoluteTimeout: '1h' }, {}],
    [
      'a time limit of less than a second',
      { type: 'Cookie', cookie: { lifetimeType: 'Permanent' }, absoluteTimeout: '10ms' },
      {},
    ],
    ['a plane without sessions', { type: 'Cookie', cookie: {} }, { filters: new Set(['answer']) }],
  ])('is refused with %s, and its neighbours go on', (_, declared, lacking) => {
    const objects = [
      ...base,
      httpRoute('whole', [withSession(declared)]),
      httpRoute('partly', [to('v1'), withSession(declared)]),
      grpcRoute('calls', [withSession(declared)]),
    ]
    const rig = createRig(objects, { capabilities: everyPlane({ ...capabilities, ...lacking }) })
    const whole = { Accepted: 'False UnsupportedValue', ResolvedRefs: 'True ResolvedRefs' }
    expect(rig.routeSays('whole')).toMatchObject([{ ...whole, 'penstock.dev/Programmed': 'False Invalid' }])
    expect(rig.routeSays('calls', 'GRPCRoute')).toMatchObject([whole])
    expect(rig.routeSays('partly')).toMatchObject([
      {
        Accepted: 'True Accepted',
        PartiallyInvalid: 'True UnsupportedValue',
        'penstock.dev/Programmed': 'True Programmed',
      },
    ])
    expect(rig.message('HTTPRoute', 'partly', 'PartiallyInvalid')).toMatch(
      /^Dropped Rule spec\.rules\[1\].* sets sessionPersistence.*, which is /,
    )
    const answer = (status: number): object => ({
      filters: [{ filter: { $case: 'answer', value: status } }],
      backends: [],
    })
    expect(rig.rule('default/whole/#0')).toMatchObject(answer(500))
    expect(rig.rule('default/partly/#1')).toMatchObject(answer(500))
    expect(rig.rule('default/calls/#0', 'GRPCRoute')).toMatchObject(answer(503))
    expect(rig.rule('default/partly/#0').backends).toHaveLength(1)
    expect(rig.listenerSays('gw', 'http').attachedRoutes).toBe('1')
  })
})
