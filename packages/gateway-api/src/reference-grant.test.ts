import { describe, expect, it } from '@jest/globals'
import { mayRefer } from './reference-grant.ts'

const gatewayGroup = 'gateway.networking.k8s.io'
const route = { group: gatewayGroup, kind: 'HTTPRoute', namespace: 'web' }
const service = { group: '', kind: 'Service', namespace: 'backend', name: 'api' }
const grant = (from: object, to: object, namespace = 'backend') => ({
  metadata: { namespace },
  spec: { from: [{ ...route, ...from }], to: [{ group: '', kind: 'Service', ...to }] },
})

describe('mayRefer', () => {
  it.each([
    ['every name when the grant names none', [grant({}, {})], true],
    ['the name that the grant names', [grant({}, { name: 'api' })], true],
    ['no other name', [grant({}, { name: 'other' })], false],
    ['nothing without a grant', [], false],
    ['nothing by a grant in another namespace', [grant({}, {}, 'web')], false],
    ['nothing from another namespace', [grant({ namespace: 'other' }, {})], false],
    ['nothing from another kind', [grant({ kind: 'GRPCRoute' }, {})], false],
    ['nothing from another group', [grant({ group: '' }, {})], false],
    ['nothing to another kind', [grant({}, { kind: 'Secret' })], false],
    ['nothing to another group', [grant({}, { group: 'example.com' })], false],
    ['what any one of several grants', [grant({ kind: 'Gateway' }, {}), grant({}, { name: 'api' })], true],
    ['nothing by halves of two grants', [grant({ kind: 'Gateway' }, { name: 'api' }), grant({}, { name: 'x' })], false],
  ])('permits %s', (_, grants, permitted) => {
    expect(mayRefer(grants, route, service)).toBe(permitted)
  })

  it('ORs the entries of one grant', () => {
    const one = grant({ kind: 'Gateway' }, { name: 'other' })
    const both = {
      ...one,
      spec: { from: [...one.spec.from, route], to: [...one.spec.to, { group: '', kind: 'Service' }] },
    }
    expect(mayRefer([both], route, service)).toBe(true)
  })

  it('needs no grant within a namespace', () => {
    expect(mayRefer([], { ...route, namespace: 'backend' }, service)).toBe(true)
  })
})
