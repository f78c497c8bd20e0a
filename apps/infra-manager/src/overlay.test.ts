import { describe, expect, it } from '@jest/globals'
import { infra, objectOfKind, objectsOf, specOf, templateOf, withParameters } from './fleet.test-data.ts'

const laidOver = (kind: string, patch: object, more = {}) =>
  withParameters({ overlays: [{ kind, patchJson: JSON.stringify(patch) }], ...more })
const podSpec = (spec: object) => ({ spec: { template: { spec } } })

describe('an overlay', () => {
  it('has the last word on the object it names, and on no other', () => {
    const sidecar = { name: 'more', image: 'more:1' }
    const wanted = laidOver('Deployment', podSpec({ containers: [sidecar], hostNetwork: true }), { image: 'envoy:2' })
    const { spec } = templateOf(wanted)
    expect(spec.containers.map(({ name, image }) => ({ name, image }))).toEqual([
      { name: 'envoy', image: 'envoy:2' },
      sidecar,
    ])
    expect(spec['hostNetwork']).toBe(true)
    expect(specOf(wanted, 'Service')).toEqual(specOf(infra, 'Service'))
  })

  it('comes after the one before it', () => {
    const overlays = [1, 2].map((number) => ({
      kind: 'Service',
      patchJson: JSON.stringify({ spec: { sessionAffinity: `${number}`, [`field${number}`]: true } }),
    }))
    expect(specOf(withParameters({ overlays }), 'Service')).toMatchObject({
      ...{ sessionAffinity: '2', field1: true, field2: true },
    })
  })

  it('may have more labels and annotations', () => {
    const metadata = { labels: { a: 'b' }, annotations: { c: 'd' } }
    const wanted = laidOver('Deployment', { metadata, spec: { template: { metadata } } })
    expect(objectOfKind(wanted, 'Deployment')).toMatchObject({ body: { metadata } })
    expect(templateOf(wanted).metadata).toMatchObject(metadata)
  })

  it.each<[string, object, string]>([
    ['Deployment', { metadata: { name: 'other' } }, 'metadata.name'],
    ['Deployment', { metadata: { namespace: 'other' } }, 'metadata.namespace'],
    ['Deployment', { metadata: { ownerReferences: null } }, 'metadata.ownerReferences'],
    ['Service', { metadata: { finalizers: ['a/b'] } }, 'metadata.finalizers'],
    ['Service', { metadata: { $patch: 'delete' } }, 'metadata.annotations.penstock.dev/fleet'],
    ['Service', { metadata: { labels: { 'penstock.dev/install': 'x' } } }, 'metadata.labels.penstock.dev/install'],
    [
      'Service',
      { metadata: { annotations: { 'penstock.dev/fleet': null } } },
      'metadata.annotations.penstock.dev/fleet',
    ],
    [
      'ServiceAccount',
      { metadata: { annotations: { 'penstock.dev/identity': 'x' } } },
      'metadata.annotations.penstock.dev/identity',
    ],
    ['Service', { spec: { selector: { app: 'x' } } }, 'spec.selector'],
    ['Service', { apiVersion: 'v2' }, 'apiVersion'],
    ['Service', { status: {} }, 'status'],
    [
      'Deployment',
      { spec: { template: { metadata: { labels: { 'penstock.dev/proxy': 'x' } } } } },
      'spec.template.metadata.labels.penstock.dev/proxy',
    ],
    ['Deployment', { spec: null }, 'spec.selector'],
    ['Deployment', { spec: { replicas: 3 } }, 'spec.replicas'],
    ['HorizontalPodAutoscaler', { spec: { scaleTargetRef: { name: 'x' } } }, 'spec.scaleTargetRef'],
  ])('of a %s may not be %j', (kind, patch, path) => {
    const wanted = laidOver(kind, patch, { autoscaling: { minReplicas: 1, maxReplicas: 2 } })
    const object = objectOfKind(wanted, kind)
    expect(object).toMatchObject({ body: undefined, refused: `its overlay may not change ${path}` })
    const others = objectsOf(wanted).filter((each) => each.kind.kind !== kind)
    expect(others.filter(({ body }) => body === undefined)).toEqual([])
  })

  it('may say how many where nobody else does', () => {
    expect(specOf(laidOver('Deployment', { spec: { replicas: 3 } }), 'Deployment')['replicas']).toBe(3)
  })

  it('with a directive that is not known is refused', () => {
    const wanted = laidOver('Service', { spec: { $retainKeys: ['type'] } })
    expect(objectOfKind(wanted, 'Service')?.refused).toContain('$retainKeys')
  })
})
