import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()
const group = 'gateway.networking.k8s.io'

/** `path: reason` of everything that is wrong; empty: admitted. */
function problems(document: unknown, old?: object): string[] {
  const admitted = admit(document, old ? { old } : {})
  return 'refused' in admitted ? admitted.refused.map(({ path, reason }) => `${path}: ${reason}`) : []
}

const object = (kind: string, spec: object, version = 'v1') => ({
  apiVersion: `${group}/${version}`,
  kind,
  metadata: { name: 'x' },
  spec,
})
const route = (rule: object) => object('HTTPRoute', { rules: [rule] })
const path = (type: string, value: string) => route({ matches: [{ path: { type, value } }] })
const backend = (reference: object) => route({ backendRefs: [reference] })
const filters = (...list: object[]) => route({ filters: list })
const listener = (fields: object) => ({ name: 'a', port: 80, protocol: 'HTTP', ...fields })
const gateway = (...listeners: object[]) => object('Gateway', { gatewayClassName: 'c', listeners })
const tls = (fields: object) => listener({ protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'c' }], ...fields } })
const grant = (spec: object) => object('ReferenceGrant', spec)
const from = [{ group, kind: 'HTTPRoute', namespace: 'a' }]
const to = [{ group: '', kind: 'Service' }]
const inPath = 'spec.rules[0].matches[0].path: Invalid value: "object": '
const inRule = 'spec.rules[0]: Invalid value: "object": '
const inListeners = 'spec.listeners: Invalid value: "array": '
const redirect = { type: 'RequestRedirect', requestRedirect: { statusCode: 301 } }

describe('a document is refused with path and reason', () => {
  it.each<[string, unknown, ...string[]]>([
    ['no object', 'text', ': Invalid value: must be an object'],
    ['nothing said', {}, 'apiVersion: Required value', 'kind: Required value'],
    [
      'an unknown kind',
      { ...route({}), kind: 'HttpRoute' },
      `kind: no matches for kind "HttpRoute" in version "${group}/v1"`,
    ],
    ['an unknown group', { ...route({}), apiVersion: 'v1' }, 'kind: no matches for kind "HTTPRoute" in version "v1"'],
    [
      'a version not served',
      { ...route({}), apiVersion: `${group}/v1alpha2` },
      `apiVersion: no matches for kind "HTTPRoute" in version "${group}/v1alpha2"`,
    ],
    ['a kind that is no text', { ...route({}), kind: 7 }, 'kind: Invalid value: 7: must be a string'],
    [
      'no spec',
      { ...route({}), spec: undefined },
      'spec: Invalid value: undefined: must be of type object: "undefined"',
    ],
    [
      'no spec at all',
      { apiVersion: `${group}/v1`, kind: 'HTTPRoute', metadata: { name: 'x' } },
      'spec: Required value',
    ],
    ['a misspelt field', route({ backendRef: [] }), 'spec.rules[0].backendRef: unknown field'],
    ['a field of every JavaScript object', route({ constructor: 1 }), 'spec.rules[0].constructor: unknown field'],
    [
      'a field that JavaScript would swallow',
      route(JSON.parse('{"__proto__":{}}') as object),
      'spec.rules[0].__proto__: unknown field',
    ],
    ['a field beside spec', { ...route({}), data: {} }, 'data: unknown field'],
    ['a status where the kind has none', { ...grant({ from, to }), status: {} }, 'status: unknown field'],
    [
      'text for a number',
      backend({ name: 's', port: '80' }),
      'spec.rules[0].backendRefs[0].port: Invalid value: "80": must be of type integer: "string"',
    ],
    [
      'a fraction',
      backend({ name: 's', port: 80.5 }),
      'spec.rules[0].backendRefs[0].port: Invalid value: 80.5: must be of type integer: "number"',
    ],
    [
      'null in a list',
      object('HTTPRoute', { hostnames: [null] }),
      'spec.hostnames[0]: Invalid value: null: must be of type string: "null"',
    ],
    [
      'a port out of range',
      backend({ name: 's', port: 65536 }),
      'spec.rules[0].backendRefs[0].port: Invalid value: 65536: should be less than or equal to 65535',
    ],
    [
      'port zero',
      gateway(listener({ port: 0 })),
      'spec.listeners[0].port: Invalid value: 0: should be greater than or equal to 1',
    ],
    [
      'an unknown path type',
      path('Glob', '/a'),
      'spec.rules[0].matches[0].path.type: Unsupported value: "Glob": supported values: "Exact", "PathPrefix", "RegularExpression"',
    ],
    [
      'a path without a slash',
      path('Exact', 'foo'),
      `${inPath}value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']`,
    ],
    [
      'a doubled slash',
      path('PathPrefix', '/a//b'),
      `${inPath}must not contain '//' when type one of ['Exact', 'PathPrefix']`,
    ],
    [
      'a path that climbs',
      path('PathPrefix', '/a/..'),
      `${inPath}must not end with '/..' when type one of ['Exact', 'PathPrefix']`,
    ],
    [
      'too many rules',
      object('HTTPRoute', { rules: Array.from({ length: 17 }, () => ({})) }),
      'spec.rules: Too many: 17: must have at most 16 items',
    ],
    [
      'too many matches in all',
      object('HTTPRoute', { rules: [64, 64, 1].map((length) => ({ matches: Array.from({ length }, () => ({})) })) }),
      'spec.rules: Invalid value: "array": While 16 rules and 64 matches per rule are allowed, the total number of matches across all rules in a route must be less than 128',
    ],
    [
      'a rule name twice',
      object('HTTPRoute', { rules: [{ name: 'a' }, { name: 'a' }] }),
      'spec.rules: Invalid value: "array": Rule name must be unique within the route',
    ],
    [
      'a Service without a port',
      backend({ name: 's' }),
      'spec.rules[0].backendRefs[0]: Invalid value: "object": Must have port for Service reference',
    ],
    [
      'a weight below zero',
      backend({ name: 's', port: 1, weight: -1 }),
      'spec.rules[0].backendRefs[0].weight: Invalid value: -1: should be greater than or equal to 0',
    ],
    [
      'a filter without its settings',
      filters({ type: 'URLRewrite' }),
      'spec.rules[0].filters[0]: Invalid value: "object": filter.urlRewrite must be specified for URLRewrite filter.type',
    ],
    [
      'a redirect with backends',
      route({ filters: [redirect], backendRefs: [{ name: 's', port: 1 }] }),
      `${inRule}RequestRedirect filter must not be used together with backendRefs`,
    ],
    [
      'a redirect twice',
      filters(redirect, redirect),
      'spec.rules[0].filters: Invalid value: "array": RequestRedirect filter cannot be repeated',
    ],
    [
      'a header set twice',
      filters({
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          set: [
            { name: 'a', value: '1' },
            { name: 'a', value: '2' },
          ],
        },
      }),
      'spec.rules[0].filters[0].requestHeaderModifier.set[1]: Duplicate value: {"name":"a"}',
    ],
    [
      'a header removed twice',
      filters({ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: ['a', 'a'] } }),
      'spec.rules[0].filters[0].requestHeaderModifier.remove[1]: Duplicate value: "a"',
    ],
    [
      'a timeout that outlasts its request',
      route({ timeouts: { request: '1s', backendRequest: '2s' } }),
      'spec.rules[0].timeouts: Invalid value: "object": backendRequest timeout cannot be longer than request timeout',
    ],
    [
      'a duration without a unit',
      route({ timeouts: { request: '5' } }),
      'spec.rules[0].timeouts.request: Invalid value: "5": should match \'^([0-9]{1,5}(h|m|s|ms)){1,4}$\'',
    ],
    [
      'an upper-case hostname',
      object('HTTPRoute', { hostnames: ['Example.com'] }),
      'spec.hostnames[0]: Invalid value: "Example.com": should match \'^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$\'',
    ],
    [
      'an empty hostname',
      object('HTTPRoute', { hostnames: [''] }),
      'spec.hostnames[0]: Invalid value: "": should be at least 1 chars long',
      'spec.hostnames[0]: Invalid value: "": should match \'^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$\'',
    ],
    [
      'a parent twice',
      object('HTTPRoute', { parentRefs: [{ name: 'g' }, { name: 'g' }] }),
      'spec.parentRefs: Invalid value: "array": sectionName or port must be unique when parentRefs includes 2 or more references to the same parent',
    ],
    ['no listener', gateway(), 'spec.listeners: Invalid value: 0: should have at least 1 items'],
    [
      'a listener name twice',
      gateway(listener({}), listener({ port: 81 })),
      'spec.listeners[1]: Duplicate value: {"name":"a"}',
    ],
    [
      'port and host twice',
      gateway(listener({}), listener({ name: 'b' })),
      `${inListeners}Combination of port, protocol and hostname must be unique for each listener`,
    ],
    [
      'TLS on HTTP',
      gateway(listener({ tls: { mode: 'Terminate', certificateRefs: [{ name: 'c' }] } })),
      `${inListeners}tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']`,
    ],
    [
      'passthrough on HTTPS',
      gateway(tls({ mode: 'Passthrough' })),
      `${inListeners}tls mode must be Terminate for protocol HTTPS`,
    ],
    [
      'TLS without a certificate',
      gateway(listener({ protocol: 'HTTPS', tls: {} })),
      'spec.listeners[0].tls: Invalid value: "object": no such key: certificateRefs evaluating rule: certificateRefs or options must be specified when mode is Terminate',
    ],
    [
      'a hostname on TCP',
      gateway(listener({ protocol: 'TCP', hostname: 'a.b' })),
      `${inListeners}hostname must not be specified for protocols ['TCP', 'UDP']`,
    ],
    [
      'an address that is none',
      object('Gateway', { gatewayClassName: 'c', listeners: [listener({})], addresses: [{ value: '1.2.3' }] }),
      'spec.addresses[0]: Invalid value: "object": must validate one and only one schema (oneOf)',
    ],
    [
      'a label key that is none',
      object('Gateway', {
        gatewayClassName: 'c',
        listeners: [listener({})],
        infrastructure: { labels: { 'a b': 'x' } },
      }),
      expect.stringContaining('spec.infrastructure.labels') as never,
    ],
    [
      'a controller without a path',
      object('GatewayClass', { controllerName: 'penstock.dev' }),
      expect.stringContaining('spec.controllerName: Invalid value: "penstock.dev"') as never,
    ],
    ['a grant from nowhere', grant({ from: [], to }), 'spec.from: Invalid value: 0: should have at least 1 items'],
    [
      'a grant without a namespace',
      grant({ from: [{ group, kind: 'HTTPRoute' }], to }),
      'spec.from[0].namespace: Required value',
    ],
    [
      'an address as TLS hostname',
      object('TLSRoute', { hostnames: ['1.2.3.4'], rules: [{ backendRefs: [{ name: 's', port: 1 }] }] }),
      'spec.hostnames: Invalid value: "array": Hostnames cannot contain an IP',
    ],
    [
      'two rules of TCP',
      object('TCPRoute', {
        rules: [{ backendRefs: [{ name: 's', port: 1 }] }, { backendRefs: [{ name: 's', port: 1 }] }],
      }),
      'spec.rules: Too many: 2: must have at most 1 items',
    ],
  ])('%s', (_, document, ...expected) => {
    expect(problems(document)).toEqual(expected)
  })

  it('holds back the rules until the schema is met', () => {
    const both = route({ matches: [{ path: { type: 'Exact', value: 'foo' } }], nonsense: 1 })
    expect(problems(both)).toEqual(['spec.rules[0].nonsense: unknown field'])
  })

  it('shows no more than the beginning of a long value', () => {
    const long = 'Ä😀'.repeat(5_000)
    const all = [
      ...problems({ ...route({}), kind: long }),
      ...problems({ ...route({}), apiVersion: long }),
      ...problems({ ...route({}), metadata: { name: long } }),
      ...problems(object('HTTPRoute', { hostnames: [long] })),
      ...problems(path(long, '/')),
      ...problems(gateway(listener({ name: long }), listener({ name: long }))),
    ]
    expect(all.length).toBeGreaterThan(6)
    expect(all.filter((problem) => problem.length > 600)).toEqual([])
    expect(all.filter((problem) => problem.includes('…'))).not.toEqual([])
  })

  it('refuses to change what is immutable, and only that', () => {
    const before = object('GatewayClass', { controllerName: 'a.b/c' })
    expect(problems(object('GatewayClass', { controllerName: 'a.b/c', description: 'x' }), before)).toEqual([])
    expect(problems(object('GatewayClass', { controllerName: 'a.b/d' }), before)).toEqual([
      expect.stringMatching(/^spec\.controllerName: Invalid value: "a\.b\/d": .*immutable/i),
    ])
  })
})
