import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()
const group = 'gateway.networking.k8s.io'

function admitted(document: object): Record<string, unknown> {
  const result = admit(document)
  if ('refused' in result) throw new Error(JSON.stringify(result.refused))
  return { ...result.object }
}

const object = (kind: string, spec: object, apiVersion = `${group}/v1`) => ({
  apiVersion,
  kind,
  metadata: { name: 'x' },
  spec,
})
const specOf = (kind: string, spec: object, apiVersion?: string) => admitted(object(kind, spec, apiVersion))['spec']
const parentRef = { group, kind: 'Gateway', name: 'g' }
const matches = [{ path: { type: 'PathPrefix', value: '/' } }]

describe('an admitted object', () => {
  it.each<[string, string, object, object]>([
    ['a rule matches every path', 'HTTPRoute', { rules: [{}] }, { rules: [{ matches }] }],
    [
      'a match names its path type',
      'HTTPRoute',
      { rules: [{ matches: [{ path: { value: '/a' } }] }] },
      { rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/a' } }] }] },
    ],
    [
      'a route has one rule',
      'HTTPRoute',
      { parentRefs: [{ name: 'g' }] },
      { parentRefs: [parentRef], rules: [{ matches }] },
    ],
    [
      'a backend is a Service of weight one',
      'HTTPRoute',
      { rules: [{ matches, backendRefs: [{ name: 's', port: 80 }] }] },
      { rules: [{ matches, backendRefs: [{ group: '', kind: 'Service', name: 's', port: 80, weight: 1 }] }] },
    ],
    [
      'a redirect is a 302',
      'HTTPRoute',
      { rules: [{ matches, filters: [{ type: 'RequestRedirect', requestRedirect: {} }] }] },
      { rules: [{ matches, filters: [{ type: 'RequestRedirect', requestRedirect: { statusCode: 302 } }] }] },
    ],
    [
      'null where a default stands is the default',
      'HTTPRoute',
      { rules: [{ matches: null }] },
      { rules: [{ matches }] },
    ],
    [
      'null is absent where no default stands',
      'HTTPRoute',
      { hostnames: null, rules: [{ matches, timeouts: null, backendRefs: null }] },
      { rules: [{ matches }] },
    ],
    [
      'a listener takes routes of its own namespace and ends TLS',
      'Gateway',
      {
        gatewayClassName: 'c',
        listeners: [{ name: 'a', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 't' }] } }],
      },
      {
        gatewayClassName: 'c',
        listeners: [
          {
            name: 'a',
            port: 443,
            protocol: 'HTTPS',
            allowedRoutes: { namespaces: { from: 'Same' } },
            tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 't' }] },
          },
        ],
      },
    ],
  ])('has its defaults: %s', (_, kind, spec, expected) => {
    expect(specOf(kind, spec)).toEqual(expected)
  })

  it('keeps neither status nor fields that a server owns', () => {
    const written = {
      ...object('HTTPRoute', { rules: [{ matches }] }),
      metadata: {
        name: 'x',
        namespace: 'a',
        resourceVersion: '7',
        managedFields: [{}],
        finalizers: ['f'],
        labels: { a: 'b' },
      },
      status: { parents: 'whatever' },
    }
    expect(admitted(written)).toEqual({
      apiVersion: `${group}/v1`,
      kind: 'HTTPRoute',
      metadata: {
        name: 'x',
        namespace: 'a',
        uid: '',
        generation: 1,
        creationTimestamp: '1970-01-01T00:00:00Z',
        labels: { a: 'b' },
      },
      spec: { rules: [{ matches }] },
    })
  })

  it.each([
    ['HTTPRoute', 'v1beta1', { rules: [{ matches }] }],
    [
      'ReferenceGrant',
      'v1beta1',
      { from: [{ group, kind: 'HTTPRoute', namespace: 'a' }], to: [{ group: '', kind: 'Service' }] },
    ],
    [
      'TCPRoute',
      'v1alpha2',
      { rules: [{ backendRefs: [{ group: '', kind: 'Service', name: 's', port: 1, weight: 1 }] }] },
    ],
  ])('is of the version that we read: %s %s', (kind, version, spec) => {
    expect(admitted(object(kind, spec, `${group}/${version}`))).toMatchObject({ apiVersion: `${group}/v1`, kind, spec })
  })

  it('leaves the document alone', () => {
    const written = object('HTTPRoute', { rules: [{ backendRefs: [{ name: 's', port: 80 }] }] })
    const copy = structuredClone(written)
    admitted(Object.freeze(written))
    expect(written).toEqual(copy)
  })

  it('is admitted again as it is', () => {
    const once = admitted(
      object('HTTPRoute', { parentRefs: [{ name: 'g' }], rules: [{ backendRefs: [{ name: 's', port: 80 }] }] }),
    )
    expect(admitted(once)).toEqual(once)
  })
})
