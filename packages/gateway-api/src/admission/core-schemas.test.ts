import { describe, expect, it } from '@jest/globals'
import { createAdmission } from './admission.ts'

const { admit } = createAdmission()
const metadata = { name: 'x' }
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata, spec })
const ports = (...list: object[]) => service({ ports: list })
const slice = (fields: object) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata,
  addressType: 'IPv4',
  ...fields,
})
const addresses = (addressType: string, ...list: string[]) => slice({ addressType, endpoints: [{ addresses: list }] })
const secret = (fields: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata, ...fields })
const configMap = (fields: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...fields })

describe('a core object is refused', () => {
  it.each<[string, object, string, string]>([
    ['a Service without ports', service({}), 'spec.ports', 'Required value'],
    ['a Service without spec', { apiVersion: 'v1', kind: 'Service', metadata }, 'spec.ports', 'Required value'],
    ['a misspelt field of a Service', service({ port: 80 }), 'spec.port', 'unknown field'],
    ['a misspelt field of a port', ports({ port: 80, targetport: 1 }), 'spec.ports[0].targetport', 'unknown field'],
    [
      'a port that is text',
      ports({ port: '80' }),
      'spec.ports[0].port',
      'Invalid value: "80": must be of type integer',
    ],
    ['a port out of range', ports({ port: 70000 }), 'spec.ports[0].port', 'Invalid value: 70000: should be less'],
    [
      'an unknown protocol',
      ports({ port: 1, protocol: 'QUIC' }),
      'spec.ports[0].protocol',
      'Unsupported value: "QUIC"',
    ],
    [
      'a target port out of range',
      ports({ port: 1, targetPort: 65536 }),
      'spec.ports[0].targetPort',
      'Invalid value: 65536: must be between',
    ],
    [
      'a target port that no name is',
      ports({ port: 1, targetPort: 'Web!' }),
      'spec.ports[0].targetPort',
      'Invalid value: "Web!": must be the name',
    ],
    [
      'a target port that is a list',
      ports({ port: 1, targetPort: [] }),
      'spec.ports[0].targetPort',
      'Invalid value: "array": must be of type integer or string',
    ],
    [
      'several ports, one without a name',
      ports({ name: 'a', port: 1 }, { port: 2 }),
      'spec.ports',
      'Required value: each of several',
    ],
    [
      'a name of two ports',
      ports({ name: 'a', port: 1 }, { name: 'a', port: 2 }),
      'spec.ports',
      'Invalid value: "array": names of ports',
    ],
    [
      'a port twice',
      ports({ name: 'a', port: 1 }, { name: 'b', port: 1 }),
      'spec.ports[1]',
      'Duplicate value: {"port":1,"protocol":"TCP"}',
    ],
    ['an alias of nothing', service({ type: 'ExternalName' }), 'spec.externalName', 'Required value'],
    ['a slice without a type', { ...slice({}), addressType: undefined }, 'addressType', 'Invalid value'],
    ['an endpoint without addresses', slice({ endpoints: [{}] }), 'endpoints[0].addresses', 'Required value'],
    [
      'an endpoint with none',
      addresses('IPv4'),
      'endpoints[0].addresses',
      'Invalid value: 0: should have at least 1 items',
    ],
    [
      'an address twice',
      addresses('IPv4', '1.2.3.4', '1.2.3.4'),
      'endpoints[0].addresses[1]',
      'Duplicate value: "1.2.3.4"',
    ],
    ['IPv6 among IPv4', addresses('IPv4', '::1'), 'endpoints', 'Invalid value: "object": addresses must be IPv4'],
    ['IPv4 among IPv6', addresses('IPv6', '1.2.3.4'), 'endpoints', 'Invalid value: "object": addresses must be IPv6'],
    ...(['2001:DB8::1', 'fe80::1', '::', '::ffff:1.2.3.4'] as const).map(
      (address): [string, object, string, string] => [
        `where no endpoint can be, ${address}`,
        addresses('IPv6', address),
        'endpoints',
        'Invalid value: "object": addresses must be IPv6',
      ],
    ),
    ['one word for a domain', addresses('FQDN', 'web'), 'endpoints', 'Invalid value: "object": addresses must be FQDN'],
    [
      'a node that no name is',
      slice({ endpoints: [{ addresses: ['1.2.3.4'], nodeName: 'a b' }] }),
      'endpoints[0].nodeName',
      'Invalid value: "a b": must be a dns1123Subdomain',
    ],
    [
      'an alias that no name is',
      service({ type: 'ExternalName', externalName: 'a b' }),
      'spec.externalName',
      'Invalid value: "object": must be a name in the DNS',
    ],
    [
      'a selector that selects no label',
      service({ selector: { 'a b': 'c' }, ports: [{ port: 80 }] }),
      'spec.selector',
      'Invalid value: "object": keys must be',
    ],
    [
      'a finalizer that is none',
      { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: ['a'] } },
      'spec.finalizers[0]',
      'Invalid value: "a": name is neither',
    ],
    ['a name among IPv4', addresses('IPv4', 'web'), 'endpoints', 'Invalid value: "object": addresses must be IPv4'],
    [
      'text for a flag',
      slice({ endpoints: [{ addresses: ['1.2.3.4'], conditions: { ready: 'yes' } }] }),
      'endpoints[0].conditions.ready',
      'Invalid value: "yes": must be of type boolean',
    ],
    ['a port name twice', slice({ ports: [{ port: 1 }, { port: 2 }] }), 'ports[1]', 'Duplicate value: {"name":""}'],
    ['data that is no base64', secret({ data: { a: 'not base64!' } }), 'data.a', 'Invalid value: must be of type byte'],
    ['data that is a number', secret({ data: { a: 1 } }), 'data.a', 'Invalid value: must be of type string'],
    ['a key with a slash', secret({ stringData: { 'a/b': '' } }), 'stringData', 'Invalid value: a valid key'],
    [
      'half a certificate',
      secret({ type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
      'data[tls.key]',
      'Required value',
    ],
    ['a number as text', configMap({ data: { a: 1 } }), 'data.a', 'Invalid value: 1: must be of type string'],
    [
      'a key twice',
      configMap({ data: { a: '' }, binaryData: { a: '' } }),
      'binaryData',
      'Invalid value: "object": a key stands in',
    ],
    ['a field beside data', configMap({ spec: {} }), 'spec', 'unknown field'],
  ])('%s', (_, document, path, reason) => {
    const refusal = { path, reason: expect.stringMatching(new RegExp(`^${RegExp.escape(reason)}`)) }
    expect(admit(document)).toEqual({ refused: [refusal] })
  })
})

describe('the refusal of a Secret', () => {
  const pem = '-----BEGIN PRIVATE KEY----- SUPERSECRET'
  it.each<[string, object]>([
    ['data that is no base64', { data: { 'tls.key': pem } }],
    ['data that is one text', { data: 'SUPERSECRET' }],
    ['data that is a list', { data: ['SUPERSECRET'] }],
    ['deeper data', { data: { key: { pem } } }],
    ['stringData that is one text', { stringData: pem }],
    ['a field that is unknown', { datum: { 'tls.key': pem } }],
    ['a key in the wrong column', { [pem]: pem }],
    ['a type', { type: [pem], data: pem }],
    ['a flag', { immutable: 'SUPERSECRET' }],
    ['a name', { metadata: { name: pem } }],
    ['a label', { metadata: { name: 'x', labels: { a: pem, [pem]: 'a' } } }],
    ['an annotation', { metadata: { name: 'x', annotations: [pem] } }],
    ['all of metadata', { metadata: pem }],
    ['a version', { apiVersion: 7, data: pem }],
    ['a version not served', { apiVersion: 'v2', data: pem }],
  ])('says nothing of its content: %s', (_, fields) => {
    const admitted = admit(secret(fields))
    expect(admitted).toHaveProperty('refused')
    expect(JSON.stringify(admitted)).not.toMatch(/SUPERSECRET|PRIVATE/)
  })
})

describe('a core object is completed', () => {
  it.each<[string, object, object]>([
    [
      'ports of a Service',
      ports({ port: 80 }),
      { spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] } },
    ],
    [
      'a target port that stands there',
      ports({ port: 80, targetPort: 'http-1' }),
      { spec: { ports: [{ targetPort: 'http-1' }] } },
    ],
    ['a headless Service without ports', service({ clusterIP: 'None' }), { spec: { clusterIP: 'None' } }],
    [
      'an alias',
      service({ type: 'ExternalName', externalName: 'example.com' }),
      { spec: { externalName: 'example.com' } },
    ],
    [
      'null for absent',
      service({ ports: [{ port: 80, name: null }], selector: null }),
      { spec: { ports: [{ port: 80 }] } },
    ],
    [
      'null in what Go decodes',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: null } },
      { data: { a: '' } },
    ],
    ['a name that ends in a dot', service({ type: 'ExternalName', externalName: 'a.b.' }), {}],
    [
      'an endpoint beside us, which no cluster has',
      addresses('IPv4', '127.0.0.1'),
      { endpoints: [{ addresses: ['127.0.0.1'] }] },
    ],
    [
      'what we do not read',
      service({ ports: [{ port: 80, nodePort: 30000 }], ipFamilies: ['IPv4'] }),
      { spec: { ipFamilies: ['IPv4'] } },
    ],
    ['ports of a slice', slice({ ports: [{ port: 80 }] }), { ports: [{ name: '', port: 80, protocol: 'TCP' }] }],
    ['a slice of names', addresses('FQDN', 'example.com'), { addressType: 'FQDN' }],
    [
      'stringData over data',
      secret({ data: { a: 'eA==', b: 'eQ==' }, stringData: { a: 'z' } }),
      { type: 'Opaque', data: { a: 'eg==', b: 'eQ==' } },
    ],
    ['a Secret of an empty type', secret({ type: '' }), { type: 'Opaque' }],
    ['base64 in lines', secret({ data: { a: 'eHh4\neHh4\n' } }), { data: { a: 'eHh4eHh4' } }],
    [
      'a certificate as text',
      secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': '', 'tls.key': '' } }),
      { data: { 'tls.crt': '' } },
    ],
    [
      'the name label of a Namespace',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', labels: { b: 'c' } } },
      { metadata: { labels: { b: 'c', 'kubernetes.io/metadata.name': 'a' } } },
    ],
  ])('%s', (_, document, expected) => {
    expect(admit(document)).toMatchObject({ object: expected })
  })

  it('without stringData', () => {
    const admitted = admit(secret({ stringData: { a: 'b' } }))
    expect('object' in admitted && admitted.object).not.toHaveProperty('stringData')
  })
})
