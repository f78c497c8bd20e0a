import { describe, expect, it } from '@jest/globals'
import { references } from './references.ts'

const metadata = { name: 'x', namespace: 'a', uid: '', generation: 1, creationTimestamp: '' }
const named = (kind: string, spec: object, apiVersion = 'gateway.networking.k8s.io/v1') =>
  references({ apiVersion, kind, metadata, ...{ spec } })

describe('references', () => {
  const listeners = (...certificateRefs: object[]) => ({ listeners: [{ name: 'https', tls: { certificateRefs } }] })
  const configMap = { group: '', kind: 'ConfigMap', name: 'ca' }
  it.each([
    ['a certificate of a Gateway', 'Gateway', listeners({ name: 'one' }), ['/Secret/a/one']],
    [
      'a certificate elsewhere, whether granted or not',
      'Gateway',
      listeners({ name: 'one', namespace: 'b' }),
      ['/Secret/b/one'],
    ],
    [
      'each once, sorted',
      'Gateway',
      listeners({ name: 'b' }, { name: 'a' }, { name: 'b' }),
      ['/Secret/a/a', '/Secret/a/b'],
    ],
    ['no other kind of certificate', 'Gateway', listeners({ group: 'example.com', kind: 'Vault', name: 'one' }), []],
    ['a certificate of a ListenerSet', 'ListenerSet', listeners({ name: 'one' }), ['/Secret/a/one']],
    [
      'the authorities that a frontend trusts',
      'Gateway',
      {
        tls: {
          frontend: {
            default: { validation: { caCertificateRefs: [configMap] } },
            perPort: [
              {
                port: 8443,
                tls: { validation: { caCertificateRefs: [{ ...configMap, name: 'other', namespace: 'b' }] } },
              },
            ],
          },
        },
      },
      ['/ConfigMap/a/ca', '/ConfigMap/b/other'],
    ],
    [
      'the certificate shown to backends',
      'Gateway',
      { tls: { backend: { clientCertificateRef: { name: 'me' } } } },
      ['/Secret/a/me'],
    ],
    [
      'the authorities of a BackendTLSPolicy',
      'BackendTLSPolicy',
      { validation: { caCertificateRefs: [configMap] } },
      ['/ConfigMap/a/ca'],
    ],
    [
      'the authorities and the certificate of an XBackend',
      'XBackend',
      {
        tls: {
          mode: 'ClientAndServer',
          clientCertificateRef: { name: 'me' },
          validation: { caCertificateRefs: [configMap] },
        },
      },
      ['/ConfigMap/a/ca', '/Secret/a/me'],
    ],
    [
      'authorities of the whole cluster, which have no namespace',
      'BackendTLSPolicy',
      {
        validation: {
          caCertificateRefs: [{ group: 'certificates.k8s.io', kind: 'ClusterTrustBundle', name: 'a.b:c:d' }],
        },
      },
      ['certificates.k8s.io/ClusterTrustBundle//a.b:c:d'],
    ],
    ['nothing where nothing is named', 'Gateway', { listeners: [{ name: 'http' }] }, []],
    ['nothing in a kind that names none', 'HTTPRoute', listeners({ name: 'one' }), []],
  ])('finds %s', (_, kind, spec, keys) => {
    expect(named(kind, spec)).toEqual(keys)
  })
})
